# question: B
# diagnosis: second relu
# earns: 3

import torch
from torch import nn


class Separable(nn.Module):
    def __init__(self, channels, maps):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.pointwise = nn.Conv2d(channels, maps, 1)

    def forward(self, image):
        return torch.relu(self.pointwise(torch.relu(self.depthwise(image))))
