# %% [markdown]
# # Lab 1: convolutions
#
# Write your code between the banners. Run the cells and keep their outputs.

# %%
import torch
from torch import nn

# %% [markdown]
# ## A. Convolution by hand (7 points)
#
# Write `convolve(image, weight, bias, stride, padding)` as deep-learning libraries understand it: the kernel is not
# flipped, and the image is padded with zeros on all four sides.
#
# | | shape |
# |---|---|
# | `image` | (batch, channels, height, width) |
# | `weight` | (maps, channels, size, size) |
# | `bias` | (maps,) |
# | result | (batch, maps, (height + 2 padding - size) // stride + 1, (width + 2 padding - size) // stride + 1) |
#
# Not allowed: PyTorch's own convolutions (`torch.nn.Conv*`, `torch.conv*`, `torch.nn.functional.conv*`, `torch.ops`).


# %%
def convolve(image, weight, bias, stride, padding):
    #####
    # IMPLEMENT YOUR CODE #
    #####
    ### BEGIN SOLUTION
    padded = nn.functional.pad(image, (padding, padding, padding, padding))
    size = weight.shape[-1]
    windows = padded.unfold(2, size, stride).unfold(3, size, stride)  # (batch, channels, rows, columns, size, size)
    result = torch.einsum("bcrsij,mcij->bmrs", windows, weight) + bias[:, None, None]
    ### END SOLUTION
    #####
    # END OF YOUR CODE #
    #####
    return result


# %% [markdown]
# A picture with one bright square, and a kernel that finds vertical edges: look at the signs.

# %%
picture = torch.zeros(1, 1, 6, 8)
picture[..., 2:4, 3:6] = 1
edges = torch.tensor([[[[1.0, 0.0, -1.0]] * 3]])
print(convolve(picture, edges, torch.zeros(1), 1, 1)[0, 0])

# %%
check("A")

# %% [markdown]
# ## B. A separable convolution (5 points)
#
# Write the module `Separable(channels, maps)`: (batch, channels, height, width) -> (batch, maps, height, width).
#
# 1. `self.depthwise`: a convolution of 3 x 3 with padding 1 of each channel by itself (`groups=channels`),
# 2. ReLU,
# 3. `self.pointwise`: a convolution of 1 x 1 from `channels` to `maps`.
#
# Both convolutions have a bias. `torch.nn.Conv2d` is allowed here.


# %%
class Separable(nn.Module):
    def __init__(self, channels, maps):
        super().__init__()
        #####
        # IMPLEMENT YOUR CODE #
        #####
        ### BEGIN SOLUTION
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.pointwise = nn.Conv2d(channels, maps, 1)
        ### END SOLUTION
        #####
        # END OF YOUR CODE #
        #####

    def forward(self, image):
        #####
        # IMPLEMENT YOUR CODE #
        #####
        ### BEGIN SOLUTION
        result = self.pointwise(torch.relu(self.depthwise(image)))
        ### END SOLUTION
        #####
        # END OF YOUR CODE #
        #####
        return result


# %%
check("B")

# %% [markdown]
# ## C. What a separable convolution saves (3 points)
#
# How many parameters has `Separable(3, 16)`, and how many has one convolution of 3 x 3 from 3 channels to 16 maps?
# Where are they saved? Two or three sentences in the cell below are enough; a person reads them.

# %% [markdown]
# *Your answer:*

# %% tags=["staff"]
block = Separable(3, 16)
full = nn.Conv2d(3, 16, 3, padding=1)
print(*(sum(p.numel() for p in module.parameters()) for module in (block, full)))  # the reason for separable ones


# %%
check.all()
