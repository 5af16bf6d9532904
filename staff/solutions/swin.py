# %% [markdown]
# # Assignment 2-2: Transformers
#
# A picture of 32 x 32 pixels has 1,024 of them. If each attends to each, that makes a million pairs, and for a
# photograph of 1,000 x 1,000 pixels a million times more. So a vision transformer has to look at less. A **ViT** cuts
# the picture into coarse patches. A **Swin Transformer** keeps fine ones, and lets them look around in small windows
# only. Here you write the windows by hand, with the trick that joins them. Then you train both kinds of model on
# CIFAR-10, and compare.
#
# | question | what you do | points | your time |
# |---|---|---|---|
# | 2-2-1 | attention in windows and in shifted windows | 30 | 2 to 4 hours |
# | 2-2-2 | a ViT and a Swin that classify pictures | 20 | 1 to 2 hours, and training |
#
# **Due: {{ deadline }}.** {{ late }} The times are guesses. Training both models took us 53 minutes on one core of a
# CPU.
#
# **How it works**
#
# - The notebook runs on Google Colab as it is: everything it imports is preinstalled there. Put the folder of the
#   assignment, unpacked, on your Drive; the first cell finds it. *Run all* works before you have written anything: a
#   cell whose question is not answered yet says so.
# - Write between the lines `IMPLEMENT YOUR CODE` and `END OF YOUR CODE`. You may add helper functions and cells.
# - Keep the names of functions and the order of their parameters: the grader calls them.
# - Think in whole tensors: one `reshape` does what four loops over windows do, and much faster.
# - After each question stands a cell `check(...)`. It tries your answer on the public cases, here, in a moment. The
#   grader uses other cases of the same kind. Cells that are given (this text, checks, plots) are not graded.
# - Search the web before you write to a teaching assistant. The documentation of
#   [PyTorch](https://docs.pytorch.org/docs/stable/index.html) and of
#   [Transformers](https://huggingface.co/docs/transformers/index) is good.
#
# **Before you hand in**
#
# - Name your collaborators and your references (web pages, too) in the last text of this notebook. Copied code without
#   its reference is a serious violation of the student code of conduct.
# - Erase prints and comments that nobody needs. **Do not clear the outputs.**
# - `sh CollectSubmission.sh 2000-00000`, with your student ID, packs both notebooks of the assignment and
#   `model_checkpoints/` into `{{ archive }}`. Upload that file.
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
# Difficulty ●●●●○, importance ●●●●○, 2 to 4 hours.
#
# The Swin Transformer ([Liu et al. 2021](https://arxiv.org/abs/2103.14030)) lets the positions of a picture attend to
# each other inside small windows only. That is cheap: with windows of 4 x 4, each position looks at 16 others, however
# large the picture is. But then nothing ever passes a border. So the next layer **shifts** the windows by half their
# size, and neighbours on both sides of a border meet.
#
# ![Three pictures of 8 x 8 positions: four windows of 4 x 4; the windows shifted by 2; the same picture rolled by 2, in
# which the shifted windows are ordinary ones and letters say what wrapped around](images/swin_windows.svg)
#
# Shifted windows stick out of the picture. Swin's trick: **roll the picture** instead. All windows are whole again, and
# the same code cuts them. But some now hold pieces from opposite ends of the picture, which are no neighbours. A
# **mask** keeps these apart.
#
# Here you write two such layers. They are simpler than those of the paper, as the course wants them: **no residual
# connection, no normalisation, no position bias.** The real implementation is more complicated, for the sake of
# accuracy ([its
# source](https://github.com/huggingface/transformers/blob/main/src/transformers/models/swin/modeling_swin.py)).
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
# | inside | shape |
# |---|---|
# | windows | `(B, H/h * W/w, h * w, C)`, or with the first two in one |
# | q, k, v of each head | `(B, windows, num_heads, h * w, d)` |
# | scores and attention | `(B, windows, num_heads, h * w, h * w)` |
# | mask | `(windows, h * w, h * w)`: it depends on the window, not on picture or head |
#
# **A small picture by hand.** 4 x 4 positions, windows of 2 x 2, so the shift is 1. The numbers are the positions:
#
# ```text
# the picture        rolled by (-1, -1)
#  0  1 |  2  3       5  6 |  7  4
#  4  5 |  6  7       9 10 | 11  8
# ------+------      ------+------
#  8  9 | 10 11      13 14 | 15 12
# 12 13 | 14 15       1  2 |  3  0
# ```
#
# - In step 1 the first window holds 0, 1, 4, 5. In step 2 it holds 5, 6, 9, 10: the middle of the picture.
# - The second window of step 2 holds 7, 4, 11, 8. Columns wrapped for 4 and 8 only. So 7 attends to 7 and 11, and 4 to
#   4 and 8.
# - The last one holds 15, 12, 3, 0, the four corners. Each attends to itself alone.
#
# ![The masks of the four windows of a rolled picture of 8 x 8 positions with windows of 4 x 4: all pairs in the top
# left one, checks in the top right one, two blocks in the bottom left one, both together in the bottom right
# one](images/swin_masks.svg)
#
# **Points.** 30; 20 if only the mask is missing; 10 if only the shift is missing (step 1 alone, or step 2 without
# rolling); 10 if the result is merely not rolled back; 24 if the mask is larger than -100, so that large scores get
# through.
#
# **Rules.** No function of PyTorch is forbidden here. Time and memory are not graded, only right results are; the
# grader's pictures are small, and it stops an answer that takes more than {{ seconds }} seconds for them.
#
# <details><summary>Hint: where do I begin?</summary>
#
# With step 1 alone, one head, and a picture whose values are their own positions, as in the table above. Write one
# function that cuts windows and one that puts them back, and test that the second undoes the first. Step 2 is then the
# same attention once more, between two calls of
# [`torch.roll`](https://docs.pytorch.org/docs/stable/generated/torch.roll.html).
# </details>
#
# <details><summary>Hint: how do I cut windows without a loop?</summary>
#
# A `reshape` can only split or join dimensions that stand side by side. Split the rows into (windows, h) and the
# columns into (windows, w): that makes six dimensions. Bring the two kinds together with `permute`, and then join them.
# Putting back goes the same way in reverse.
# </details>
#
# <details><summary>Hint: how do I find the mask without thinking about windows?</summary>
#
# Give each position of the rolled picture a number that says which of its coordinates wrapped around (the letters a, b,
# c, d above). Cut *that* picture into windows, with the function that you have. Two positions may attend to each other
# if their numbers are equal.
# </details>
#
# <details><summary>Hint: odd windows</summary>
#
# `-h // 2` is not `-(h // 2)`: try both with h = 3.
# </details>


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
# ## Look at your windows (given, no points)
#
# First: which positions of a picture does one position reach? A star marks the position that is changed, colour what
# changes with it. *What you should see:* step 1 fills a window, and step 2 carries that on by half a window, **never to
# the other end of the picture**. A corner that colours the opposite edge has no mask.


# %%
def reached_from(place, size, window_size: Tuple[int, int]) -> torch.Tensor:
    """Which positions of the first of two pictures of (rows, columns) depend on the one at a place, True or False."""
    x = torch.rand(2, *size, 1, generator=torch.Generator().manual_seed(0)) / 100  # so small that -100 is a mask
    changed = x.clone()
    changed[0, place[0], place[1]] += 1
    difference = cal_window_transformer_block(changed, window_size, 1) - cal_window_transformer_block(x, window_size, 1)
    reached = difference.abs().amax(dim=-1) > 1e-4  # (B, H, W)
    if reached[1].any():
        print("the second picture of the batch changes with the first, which is wrong")
    return reached[0]


def check_yourself(window_size: Tuple[int, int] = (4, 4)) -> None:
    """Draw what four positions of a picture of 3 x 4 windows reach."""
    from matplotlib import pyplot as plt

    (h, w), size = window_size, (3 * window_size[0], 4 * window_size[1])
    places = [(0, 0), (h - 1, w), (size[0] // 2, size[1] // 2), (size[0] - 1, size[1] - 1)]
    try:
        maps = [reached_from(place, size, window_size) for place in places]
    except NotImplementedError as error:
        print(error)
        return
    _, pictures = plt.subplots(1, len(places), figsize=(14, 3))
    for picture, place, reached in zip(pictures, places, maps, strict=True):
        picture.imshow(reached.numpy(), cmap="Blues", vmin=0, vmax=1.5)
        picture.plot(place[1], place[0], "*", color="tab:red", markersize=11)
        picture.set_xticks([edge - 0.5 for edge in range(0, size[1] + 1, w)], range(0, size[1] + 1, w))
        picture.set_yticks([edge - 0.5 for edge in range(0, size[0] + 1, h)], range(0, size[0] + 1, h))
        picture.grid(color="black", linewidth=1)
        picture.set_title(f"from row {place[0]}, column {place[1]}", fontsize=9)
    plt.show()


check_yourself()

# %% [markdown]
# Then the attention itself, in the last four windows that your code computes for a picture of 8 x 8 positions with
# windows of 4 x 4. *What you should see:* the figure of the masks above. The cell listens to `softmax`, so it sees
# nothing if you write the exponentials yourself.

# %%
from torch.overrides import TorchFunctionMode


class Softmaxes(TorchFunctionMode):
    """Remembers, while it is on, what every softmax returns."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[torch.Tensor] = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if getattr(function, "__name__", "") == "softmax":
            self.results.append(result.detach())
        return result


def show_attention() -> None:
    """Draw the attention of the four shifted windows of a picture of 8 x 8 positions."""
    from matplotlib import pyplot as plt

    try:
        with Softmaxes() as softmaxes:
            cal_window_transformer_block(torch.zeros(1, 8, 8, 1), (4, 4), 1)
    except NotImplementedError as error:
        print(error)
        return
    seen = [result.reshape(-1, 16, 16) for result in softmaxes.results if result.numel() % 256 == 0]
    if not seen:
        print("no softmax over 16 keys was seen")
        return
    _, pictures = plt.subplots(1, 4, figsize=(14, 3.2))
    for number, (picture, attention) in enumerate(zip(pictures, torch.cat(seen)[-4:], strict=False), start=1):
        picture.imshow((attention > 1e-6).numpy(), cmap="Blues", vmin=0, vmax=1.5)
        picture.set(title=f"window {number}", xlabel="keys", ylabel="queries", xticks=[], yticks=[])
    plt.show()


show_attention()

# %%
check("2-2-1")

# %% [markdown]
# ## To go further (no points)
#
# - Count the multiplications of attention for a picture of 64 x 64 positions: everywhere at once, and in windows of 4 x
#   4. Then measure both. Does time follow your count?
# - Add what was left out: the residual connections, the normalisation, and the relative position bias of the paper.
#   Then replace one layer of Hugging Face's `SwinModel` by yours, with its weights, and compare the outputs.
