# question: B
# diagnosis: wrong structure

import torch
from torch import nn


class Separable(nn.Module):
    def __init__(self, channels, maps):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1)
        self.pointwise = nn.Conv2d(channels, maps, 1)

    def forward(self, image):
        return self.pointwise(torch.relu(self.depthwise(image)))
