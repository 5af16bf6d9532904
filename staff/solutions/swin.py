# %% [markdown]
# # Assignment 2-2: Transformers
#
# This notebook runs on Google Colab as it is: everything it imports is preinstalled there.
#
# - Write only between the lines `IMPLEMENT YOUR CODE` and `END OF YOUR CODE`. You may add helper functions and
#   cells.
# - Keep the functions' names and the order of their parameters: the grader calls them.
# - Do not clear the outputs before you hand in.
#
# {{ limits }}

# %% tags=["staff"]
# The handout writes Tuple.
# ruff: noqa: UP006, UP035

# %%
from typing import Tuple

import torch
from torch import nn

# %% [markdown]
# # 2-2-1. Attention in shifted windows (30 points)
#
# The Swin Transformer (Liu et al. 2021) lets the positions of a picture attend to each other inside small windows
# only, and shifts the windows from one layer to the next so that neighbours on both sides of a border meet too. Here
# you write two such layers. They are simpler than those of the paper: **no residual connection, no normalisation, no
# position bias.**
#
# The two classes of the next cell are given; do not change them. They hold one linear layer each, whose weights and
# bias are ones so that everybody's numbers agree. The grader also puts other weights into them: use the classes, not
# what ones happen to give.


# %%
# use identity mlp when calculating q, k, v
class IdentityMLP(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.mlp = nn.Linear(dim, dim)
        self.initialize_weights_ones()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mlp(x)

    def initialize_weights_ones(self):
        nn.init.ones_(self.mlp.weight)
        nn.init.ones_(self.mlp.bias)


# use HeaderConcatMLP when merging heads
class HeaderConcatMLP(nn.Module):
    def __init__(self, in_dim: int, out_dim: int):
        super().__init__()
        self.mlp = nn.Linear(in_dim, out_dim)
        self.initialize_weights_ones()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mlp(x)

    def initialize_weights_ones(self):
        nn.init.ones_(self.mlp.weight)
        nn.init.ones_(self.mlp.bias)


# %% [markdown]
# Write `cal_window_transformer_block`.
#
# | | shape | |
# |---|---|---|
# | `x` | `(B, H, W, C)` | float32: pictures, rows, columns, channels |
# | `window_size` | `(h, w)` | rows and columns of a window; H and W are larger than both and multiples of both |
# | `num_heads` | | divides C |
# | returned | `(B, H, W, C)` | float32 |
#
# **Step 1. Attention inside windows.** Cut the picture into windows of `h` rows and `w` columns that do not overlap. In
# each window, with its `h * w` positions as tokens:
#
# - `q`, `k` and `v` each come from an `IdentityMLP(C)` of their own.
# - The heads are contiguous blocks of $d = C / \text{num\_heads}$ channels: the first head has the channels $0$ to
#   $d - 1$, the second $d$ to $2d - 1$, and so on.
# - Each head computes $\text{softmax}(q k^T / \sqrt{d})\, v$.
# - The heads' results, side by side in the same order, pass through a `HeaderConcatMLP(C, C)`.
#
# **Step 2. Attention inside shifted windows.** With new layers, on the result of step 1:
#
# - Roll the picture by `-(h // 2)` rows and `-(w // 2)` columns. What leaves at the top comes back at the bottom, what
#   leaves on the left comes back on the right.
# - Do what step 1 does, with one restriction: the last windows of the rolled picture now hold positions that are no
#   neighbours. Two positions of a window may attend to each other only if, for rows and for columns, **both or neither
#   wrapped around**. Add a mask of -100 or less (or $-\infty$) to the scores of all other pairs before the softmax.
# - Roll the picture back.
#
# **Points.** 30; 20 if only the mask is missing; 10 if only the shift is missing (step 1 alone, or step 2 without
# rolling); 10 if the result is merely not rolled back; 24 if the mask is larger than -100, so that large scores get
# through.
#
# **Rules.** No function of PyTorch is forbidden here. Time and memory are not graded; the grader's pictures are small,
# and it stops an answer that takes more than {{ seconds }} seconds for them.


# %%
def cal_window_transformer_block(
    x,
    #
    window_size: Tuple[int, int],
    num_heads: int,
):
    B, H, W, C = x.shape
    assert num_heads > 0, "num_heads must be greater than 0"
    assert window_size[0] > 0 and window_size[1] < H and window_size[1] < W, "window_size must be less than image size"

    #####
    # IMPLEMENT YOUR CODE
    #####
    ### BEGIN SOLUTION
    h, w = window_size
    head_dim = C // num_heads

    def cut(picture):  # (batch, H, W, channels) -> (batch, windows, h * w, channels)
        blocks = picture.reshape(-1, H // h, h, W // w, w, picture.shape[-1])
        return blocks.transpose(2, 3).flatten(3, 4).flatten(1, 2)

    def attend(picture, hidden):  # (B, H, W, C), (windows, 1, h * w, h * w) -> (B, H, W, C)
        windows = cut(picture)  # (B, windows, h * w, C)
        projections = (IdentityMLP(C).to(x.device)(windows) for _ in range(3))
        q, k, v = (p.unflatten(-1, (num_heads, head_dim)).transpose(2, 3) for p in projections)
        scores = q @ k.transpose(-2, -1) / head_dim**0.5  # (B, windows, num_heads, h * w, h * w)
        attention = scores.masked_fill(hidden, -torch.inf).softmax(dim=-1)
        heads = (attention @ v).transpose(2, 3).flatten(-2)  # (B, windows, h * w, C)
        merged = HeaderConcatMLP(C, C).to(x.device)(heads)
        return merged.view(B, H // h, W // w, h, w, C).transpose(2, 3).reshape(B, H, W, C)

    # Which rows and columns of the rolled picture wrapped around, as one number for each position.
    rows = torch.arange(H, device=x.device) >= H - h // 2
    columns = torch.arange(W, device=x.device) >= W - w // 2
    region = cut((2 * rows[:, None] + columns)[None, :, :, None]).view(-1, 1, h * w)  # (windows, 1, h * w)
    torn = region[:, :, :, None] != region[:, :, None, :]  # (windows, 1, h * w, h * w)

    x = attend(x, torch.zeros_like(torn))
    x = attend(x.roll((-(h // 2), -(w // 2)), dims=(1, 2)), torn).roll((h // 2, w // 2), dims=(1, 2))
    ### END SOLUTION
    #####
    # END OF YOUR CODE
    #####

    output: torch.Tensor = x
    B_, H_, W_, C_ = output.shape
    assert (B_, H_, W_, C_) == (
        B,
        H,
        W,
        C,
    ), "output shape should be same as input shape"
    return output


# %% [markdown]
# ## Test yourself (no points)
#
# The next cell looks at shapes, and at which positions depend on which: in step 1 and 2 together, a position sees no
# further than its own and the neighbouring windows. It cannot tell whether the numbers are right.


# %%
def check_yourself(window_size: Tuple[int, int] = (2, 4), num_heads: int = 3) -> None:
    """Print whether the shape is right, and whether a position depends on one that is out of its reach."""
    h, w = window_size
    x = torch.rand(2, 4 * h, 4 * w, 6, generator=torch.Generator().manual_seed(0)) / 100
    try:
        before = cal_window_transformer_block(x, window_size, num_heads)
    except NotImplementedError as error:
        print(error)
        return
    changed = x.clone()
    changed[0, 0, 0] -= 1
    difference = cal_window_transformer_block(changed, window_size, num_heads) - before
    reached = difference.abs().amax(dim=-1) > 1e-4  # (B, H, W)
    print("shape:", "ok" if before.shape == x.shape else f"wrong, {tuple(before.shape)}")
    print("the first picture's top left corner reaches", "nothing" if not reached.any() else "these of its positions:")
    print("\n".join("".join(".#"[int(there)] for there in row) for row in reached[0]))
    print("it should reach the top left window and half a window further down and to the right")
    print("the second picture:", "reached too, which is wrong" if reached[1].any() else "not reached, as it should be")


check_yourself()

# %%
check("2-2-1")
