# question: B

from torch import nn


class Separable(nn.Module):
    def __init__(self, channels, maps):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, kernel_size=3, padding="same", groups=channels)
        self.pointwise = nn.Conv2d(channels, maps, kernel_size=1)
        self.layers = nn.Sequential(self.depthwise, nn.ReLU(inplace=True), self.pointwise)

    def forward(self, image):
        return self.layers(image)
