# %% [markdown]
# # Homework 4-3. Vision Transformer
#
# A Transformer reads a sentence of words. A **Vision Transformer** (ViT) reads an image as a sentence of patches: cut
# it into small squares, make a vector of each, and let every patch look at all the others. It knows nothing of pixels
# that are neighbours; it has to learn even that. You build one piece by piece, and train it on CIFAR-10.
#
# ![An image is cut into nine patches. A convolution makes a token of each. A class token is put in front, an embedding
# of the place is added to each, and after the blocks the classification head sees the class token
# alone](images/vit_overview.svg)
#
# | question | what you write | points | your time |
# |---|---|---|---|
# | 3a | `Patchification`: images become tokens | 5 | 15 to 30 minutes |
# | 3b | `Attention`: every token looks at all others | 10 | 45 to 90 minutes |
# | 3c | `MLP` and `Block` | 10 | 20 to 40 minutes |
# | 3d | `ViT`: the whole model | 10 | 30 to 60 minutes |
# | 3e | a training with a test accuracy of at least 65 % | 5 | 30 to 60 minutes, and training |
#
# **Due: {{ deadline }}.** {{ late }} The times are guesses. Training is the long part: our solution needed 11 minutes
# for 10 epochs on two CPU cores. Choose a GPU on Colab (*Runtime*, *Change runtime type*); it is many times faster.
#
# Follow part 3.1 and Figure 2 of [*An Image Is Worth 16x16 Words: Transformers For Image Recognition at
# Scale*](https://arxiv.org/abs/2010.11929). For the details of the attention mechanism and of the position-wise
# feed-forward layer, refer to parts 3.2 and 3.3 of [*Attention Is All You Need*](https://arxiv.org/abs/1706.03762).
# Where the two papers differ (the activation, the place of the normalisation), the Vision Transformer paper counts.
#
# **Rules for the whole notebook.** Breaking one costs the points of every question that uses it.
#
# - The only built-in layers you may use are `nn.Conv2d`, `nn.Linear`, activation layers, normalisation
#   layers, `nn.Dropout`, and containers (`nn.Sequential`, `nn.ModuleList`, `nn.ModuleDict`).
# - No built-in Transformer part: no `nn.MultiheadAttention`, `nn.Transformer*`,
#   `F.scaled_dot_product_attention`, `F.multi_head_attention_forward`, and no model of `torchvision.models`.
# - No additional modules: `torch`, `torchvision`, `math` and `typing` are all you need.
#   (`torch.nn.functional` is a part of `torch`.)
# - Keep the names and the signatures of the classes, and the lines that are given.
#
# **How it works**
#
# - The notebook runs from top to bottom before you have written anything. A cell whose question is not written yet says
#   so. On Colab, the first cell finds the folder of the homework on your Drive.
# - Write only between the banners `IMPLEMENT YOUR CODE`. You may add helper functions and cells.
# - Think in whole tensors: nothing but the row of blocks in 3d needs a loop. Code that is needlessly slow may not be
#   run to its end.
# - After each question stands a cell `check(...)`. It tries your answer on public cases, here, in a moment. The grader
#   uses more cases of the same kind. What is given (texts, checks, pictures) is not graded.
#
# **Before you hand in**
#
# - Name your collaborators and your references (web pages, too) in the last text of this notebook. Copied code without
#   its reference is a serious violation of the student code of conduct.
# - Erase prints and comments that nobody needs. **Do not clear the outputs:** 3e is marked by them.
# - Put the three notebooks of the homework into `{{ archive }}`, named with your student ID.
#
# {{ limits }}
#
# These cost points, too:
#
# | question | what |
# |---|---|
# | 3a to 3d | where gradients do not reach every parameter and the input (detached), half of the points are lost |
# | 3a to 3d | a module that keeps something from one call to the next loses half of the points |
# | 3a to 3d | what is right but for a batch of one, or for its dropout in training, earns 80 % |
# | 3b | attention without heads earns 5 of 10 points |
# | 3e | without a log of the training, or without the test accuracy, it earns nothing |
#
# **Read more.** [The Illustrated Transformer](https://jalammar.github.io/illustrated-transformer/) shows where each
# vector goes. [GELU](https://arxiv.org/abs/1606.08415) is the activation of the paper.

# %%
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms

# %%
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")

# %% [markdown]
# ## 3a. Patchification [5 pts]
#
# Difficulty ●●○○○, importance ●●●●○, 15 to 30 minutes.
#
# `Patchification(in_channels, patch_size, embedding_dim)` cuts images into patches that do not overlap and
# projects every patch to a vector, by a **convolution**.
#
# - `patch_size` is a pair `(height, width)`; the two sides may differ.
# - Input: images `(batch, in_channels, H, W)`, where `H` and `W` are multiples of the patch's height and
#   width.
# - Output: tokens `(batch, (H / height) * (W / width), embedding_dim)`, in reading order: row of patches by
#   row of patches, each from left to right.
#
# **Rule of this question:** `nn.Conv2d` is the only layer allowed, and it has to do the work: no `nn.Linear`,
# no `nn.Flatten`, no `nn.Unfold`, no `unfold`, and no `F.conv2d` with parameters of your own. To rearrange the
# result, use methods of tensors.
#
# **A small example.** An image of 4 by 6 pixels and patches of 2 by 3 make $(4 / 2) \cdot (6 / 3) = 4$ tokens:
#
# | | columns 0 to 2 | columns 3 to 5 |
# |---|---|---|
# | **rows 0 to 1** | token 0 | token 1 |
# | **rows 2 to 3** | token 2 | token 3 |
#
# <details><summary>Hint: how does a convolution cut?</summary>
#
# A [convolution](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html) multiplies a window by weights,
# and then moves the window by its *stride*. When do two windows next to each other not overlap, and leave nothing out?
# </details>
#
# <details><summary>Hint: from (batch, embedding_dim, rows, columns) to tokens</summary>
#
# First make one dimension of rows and columns (`flatten`), then exchange two dimensions (`transpose`). A `view` or
# `reshape` alone would mix up the numbers.
# </details>


# %%
class Patchification(nn.Module):
    """Turns images into a sequence of patch embeddings.

    Args:
        in_channels: number of channels of the images.
        patch_size: height and width of a patch.
        embedding_dim: size of the embedding of a patch.
    """

    def __init__(self, in_channels: int, patch_size: tuple[int, int], embedding_dim: int):
        super().__init__()
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        self.projection = nn.Conv2d(in_channels, embedding_dim, kernel_size=patch_size, stride=patch_size)
        ### END SOLUTION
        ###############################

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(batch, in_channels, H, W) -> (batch, tokens, embedding_dim)"""
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        maps = self.projection(images)  # (batch, embedding_dim, rows, columns)
        return maps.flatten(2).transpose(1, 2)
        ### END SOLUTION
        ###############################


# %%
check("3a")

# %% [markdown]
# ## 3b. Attention [10 pts]
#
# Difficulty ●●●●○, importance ●●●●●, 45 to 90 minutes.
#
# `Attention(dim, num_heads, dropout=0.)` is the self-attention of part 3.2 of *Attention Is All You Need*:
# linear layers make queries, keys and values of the tokens, every head mixes the values by its attention
# weights, and a last linear layer projects the heads put side by side. For each head
#
# $$\mathrm{Attention}(Q, K, V) = \mathrm{softmax}\Big(\frac{Q K^T}{\sqrt{d}}\Big)\, V$$
#
# | name | shape | what it is |
# |---|---|---|
# | `x` | `(batch, N, dim)` | the tokens |
# | $Q$, $K$, $V$ | `(batch, num_heads, N, head_dim)` | what a token asks for, what it offers, and what it says |
# | $Q K^T$ | `(batch, num_heads, N, N)` | row `i`: how much token `i` looks at each token |
# | heads side by side | `(batch, N, dim)` | `dim` is `num_heads * head_dim` |
#
# - Input: tokens `(batch, N, dim)`. Output: `(batch, N, dim)`.
# - Given: `self.head_dim`, `self.dim`, `self.num_heads`, `self.scale = head_dim ** 0.5` (**divide** the
#   scores by it) and `self.dropout`.
# - Name your linear layers as you like, with or without biases, separate or fused into one. Create them as
#   `nn.Linear`, so that they can be found: matrices held as bare `nn.Parameter` have to be marked by hand.
# - Apply `self.dropout` to the attention weights.
# - **Multi-head** attention earns 10 points. Plain attention that ignores `num_heads` earns 5 points.
#
# **Rule of this question:** the attention is your own: no `nn.MultiheadAttention`, no
# `F.scaled_dot_product_attention`, no `F.multi_head_attention_forward`. The rules at the top hold too.
#
# **A small example.** Two tokens and one head of size 1, with $Q = (1, 0)$, $K = (0, \ln 3)$, $V = (4, 8)$. Token 0 has
# the scores $(0, \ln 3)$, so its weights are $(\tfrac14, \tfrac34)$ and its result is
# $\tfrac14 \cdot 4 + \tfrac34 \cdot 8 = 7$. Token 1 asks for nothing: its scores are $(0, 0)$, and its result is the
# mean, 6.
#
# <details><summary>Hint: how do I split into heads?</summary>
#
# `(batch, N, dim)` is `(batch, N, num_heads, head_dim)`, seen in another way: `view`. Then let heads and tokens change
# places (`transpose(1, 2)`), so that `@` works on the last two dimensions, for each head by itself. Afterwards go back
# the same way.
# </details>
#
# <details><summary>Hint: softmax over what?</summary>
#
# Each token shares out its attention over all tokens that it looks at: each **row** of the scores adds up to 1. If a
# batch of one gives something else than a batch of three, look here.
# </details>


# %%
class Attention(nn.Module):
    """Multi-head self-attention.

    Args:
        dim: size of a token, a multiple of num_heads.
        num_heads: number of heads.
        dropout: probability with which an attention weight is dropped.
    """

    def __init__(self, dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        self.head_dim = dim // num_heads
        self.dim = dim
        self.num_heads = num_heads
        self.scale = self.head_dim**0.5  # a divisor
        self.dropout = nn.Dropout(dropout)
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.output = nn.Linear(dim, dim)
        ### END SOLUTION
        ###############################

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, N, dim) -> (batch, N, dim)"""
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        batch, tokens, _ = x.shape

        def heads(projected: torch.Tensor) -> torch.Tensor:
            return projected.view(batch, tokens, self.num_heads, self.head_dim).transpose(1, 2)

        query, key, value = (
            heads(self.query(x)),
            heads(self.key(x)),
            heads(self.value(x)),
        )  # (batch, heads, N, head_dim)
        scores = query @ key.transpose(-2, -1) / self.scale  # (batch, heads, N, N)
        weights = self.dropout(scores.softmax(dim=-1))
        mixed = (weights @ value).transpose(1, 2).reshape(batch, tokens, self.dim)
        return self.output(mixed)
        ### END SOLUTION
        ###############################


# %%
check("3b")

# %% [markdown]
# ## 3c. Block [10 pts]
#
# Difficulty ●●○○○, importance ●●●●●, 20 to 40 minutes.
#
# `Block(dim, num_heads, mlp_dim, dropout=0.)` is the grey box of Figure 2 (*Transformer Encoder*): attention
# and MLP, each with its layer normalisation and its residual connection.
#
# ![Tokens go through LN1 and the attention, and are added to what came in; then the same with LN2 and the
# MLP](images/vit_block.svg)
#
# - Input: tokens `(batch, N, dim)`. Output: `(batch, N, dim)`.
# - Given: `self.LN1` (belongs to the attention) and `self.LN2` (belongs to the MLP).
# - `MLP(dim, hidden_dim, dropout)`, which you write too, is: linear layer to `hidden_dim`, the activation of
#   the Vision Transformer paper (GELU, exact or by tanh), dropout, linear layer back to `dim`, dropout.
#
# Your `Block` is marked with an attention of ours in place of your own, so a mistake in 3b costs nothing
# here: create it as `Attention(dim, num_heads, dropout)` and call it with the tokens alone.
#
# **Rule of this question:** those at the top: no `nn.TransformerEncoderLayer`, and no other built-in part of
# a Transformer.
#
# **A small example.** If attention and MLP returned only zeros, the block would return its input, unchanged. Try it on
# paper: that is what a residual connection is for. A deep network of such blocks starts as something simple, and
# gradients find a straight way back.
#
# <details><summary>Hint: where does LN1 stand?</summary>
#
# The original Transformer adds first and normalises then. The Vision Transformer normalises what goes *into* the
# attention, and adds the input that was *not* normalised. Follow the lines of the figure.
# </details>


# %%
class MLP(nn.Module):
    """Position-wise feed-forward layer.

    Args:
        dim: size of a token.
        hidden_dim: size of the hidden layer.
        dropout: probability of both dropouts.
    """

    def __init__(self, dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__()
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        self.layers = nn.Sequential(
            nn.Linear(dim, hidden_dim),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(hidden_dim, dim),
            nn.Dropout(dropout),
        )
        ### END SOLUTION
        ###############################

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, N, dim) -> (batch, N, dim)"""
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        return self.layers(x)
        ### END SOLUTION
        ###############################


class Block(nn.Module):
    """One block of the Transformer encoder.

    Args:
        dim: size of a token.
        num_heads: number of heads of the attention.
        mlp_dim: size of the hidden layer of the MLP.
        dropout: probability of every dropout.
    """

    def __init__(self, dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        self.LN1 = nn.LayerNorm(dim)
        self.LN2 = nn.LayerNorm(dim)
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        self.attention = Attention(dim, num_heads, dropout)
        self.mlp = MLP(dim, mlp_dim, dropout)
        ### END SOLUTION
        ###############################

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, N, dim) -> (batch, N, dim)"""
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        x = x + self.attention(self.LN1(x))
        return x + self.mlp(self.LN2(x))
        ### END SOLUTION
        ###############################


# %%
check("3c")

# %% [markdown]
# ## 3d. ViT [10 pts]
#
# Difficulty ●●●○○, importance ●●●●●, 30 to 60 minutes.
#
# `ViT(image_shape, patch_size, num_classes, dim, num_heads, depth, mlp_dim, dropout=0.)` classifies images by
# a **class token**. Write `self.patchify`, `self.pos_embedding` and `self.cls_token` in `__init__`, and
# `forward`.
#
# - `image_shape` is `(C, H, W)`, `patch_size` is `(height, width)`; the number of patches is `N = (H /
#   height) * (W / width)`.
# - `self.patchify`: a `Patchification(in_channels, patch_size, embedding_dim)`, called with the images.
# - `self.pos_embedding`: a learned `nn.Parameter` of shape `(1, 1 + N, dim)`, one embedding for each
#   position, the class token's first.
# - `self.cls_token`: a learned `nn.Parameter` of shape `(1, 1, dim)`.
# - Given: `self.attention_blocks` (`depth` blocks, each used once, in this order) and
#   `self.classification_head` (layer normalisation, linear layer).
# - `forward`: images `(batch, C, H, W)` -> logits `(batch, num_classes)`. Put the class token in front of the
#   patches, add the position embedding, go through all blocks, and let the classification head see the class
#   token alone. No softmax: the loss will do that.
#
# Your `ViT` is marked with a `Patchification` and a `Block` of ours in place of your own, so mistakes in 3a
# to 3c cost nothing here.
#
# **Rule of this question:** those at the top: no built-in part of a Transformer, and no model of
# `torchvision.models`.
#
# **A small example.** CIFAR-10 and patches of 4 by 4:
#
# | step | shape |
# |---|---|
# | images | `(batch, 3, 32, 32)` |
# | after `self.patchify` | `(batch, 64, dim)` |
# | with the class token in front | `(batch, 65, dim)` |
# | after the position embedding, and after each block | `(batch, 65, dim)` |
# | the class token | `(batch, dim)` |
# | after `self.classification_head` | `(batch, 10)` |
#
# <details><summary>Hint: one class token, many images</summary>
#
# `self.cls_token` is `(1, 1, dim)`, and each image needs it:
# [`expand`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html) to the size of the batch, then
# `torch.cat` with the patches. Along which dimension?
# </details>


# %%
class ViT(nn.Module):
    """Vision Transformer.

    Args:
        image_shape: channels, height and width of an image.
        patch_size: height and width of a patch.
        num_classes: number of classes.
        dim: size of a token.
        num_heads: number of heads of every block.
        depth: number of blocks.
        mlp_dim: size of the hidden layer of every MLP.
        dropout: probability of every dropout.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        patch_size: tuple[int, int],
        num_classes: int,
        dim: int,
        num_heads: int,
        depth: int,
        mlp_dim: int,
        dropout: float = 0.0,
    ):
        super().__init__()
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        channels, height, width = image_shape
        num_patches = (height // patch_size[0]) * (width // patch_size[1])
        self.patchify = Patchification(channels, patch_size, dim)
        self.pos_embedding = nn.Parameter(torch.randn(1, 1 + num_patches, dim) * 0.02)
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim) * 0.02)
        ### END SOLUTION
        ###############################
        self.dropout = nn.Dropout(dropout)
        self.attention_blocks = nn.ModuleList([Block(dim, num_heads, mlp_dim, dropout) for _ in range(depth)])
        self.classification_head = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, num_classes))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(batch, C, H, W) -> (batch, num_classes)"""
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        patches = self.patchify(images)
        cls_token = self.cls_token.expand(images.shape[0], -1, -1)
        x = torch.cat([cls_token, patches], dim=1) + self.pos_embedding
        x = self.dropout(x)
        for block in self.attention_blocks:
            x = block(x)
        return self.classification_head(x[:, 0])
        ### END SOLUTION
        ###############################


# %% [markdown]
# When all four are written, this cell prints `torch.Size([2, 10])`.

# %%
try:
    vit = ViT((3, 32, 32), (4, 4), num_classes=10, dim=64, num_heads=4, depth=2, mlp_dim=128).to(DEVICE)
    print(vit(torch.randn(2, 3, 32, 32, device=DEVICE)).shape)
except NotImplementedError as error:
    print(error)

# %%
check("3d")

# %% [markdown]
# ## 3e. Training [5 pts]
#
# Difficulty ●●●○○, importance ●●●●○, 30 to 60 minutes, and training: 11 minutes on two CPU cores for 10 epochs.
#
# Train your ViT on CIFAR-10 until it gets at least **65 %** of the test images right. The loaders below give uint8
# images `(batch, 3, 32, 32)`; `normalise` makes of them what the model gets. Patches, sizes and all else are up to you.
#
# Call the trained model `model`, and print a line after every epoch (**the log**). The cell below is given: it prints
# the accuracy on the **test** images, a line such as `Test accuracy: 66.12 %`. Both have to stand in the saved output
# of this notebook, otherwise this question earns nothing.
#
# *What you should see:* our solution had 47 % of the validation images right after one epoch, 60 % after four, and
# 69.03 % of the test images at the end. Pure chance is 10 %. A loss that stays at $\ln 10 = 2.303$ has learnt nothing.
#
# <details><summary>Hint: 60 % and no more</summary>
#
# A ViT has to learn from images what a convolution knows by itself, so it wants many of them. Make more of those that
# you have: mirror them, move them by a few pixels. Then look at the learning rate: let it rise for the first tenth of
# the training, and fall to nothing at the end. [How to train your ViT?](https://arxiv.org/abs/2106.10270) tried it all.
# </details>
#
# <details><summary>Hint: it takes too long</summary>
#
# Time goes with the number of patches: 8 by 8 pixels make a quarter of the tokens. Try things with few epochs and few
# blocks, and make it large at the end.
# </details>

# %%
from torch.utils.data import DataLoader, TensorDataset, random_split

from data import CIFAR10_CLASSES, load_cifar10

torch.manual_seed(0)
BATCH_SIZE = 128


def cifar10(split):
    images, labels = load_cifar10(split)
    return TensorDataset(torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(labels))


train_set, test_set = cifar10("train"), cifar10("test")
n_valid = len(train_set) // 20
parts = random_split(train_set, [len(train_set) - n_valid, n_valid], torch.Generator().manual_seed(0))
train_loader = DataLoader(parts[0], batch_size=BATCH_SIZE, shuffle=True, drop_last=True)
valid_loader = DataLoader(parts[1], batch_size=500)
test_loader = DataLoader(test_set, batch_size=500)
print(f"{len(parts[0]):,} images to train with, {len(parts[1]):,} to validate, {len(test_set):,} to test")


# %%
def normalise(images):
    """uint8 images (batch, 3, 32, 32) -> floats around 0, on DEVICE"""
    return images.to(DEVICE).float() / 127.5 - 1


@torch.no_grad()
def accuracy(model, loader):
    """The share of images of a loader that the model gets right, in percent"""
    model.eval()
    right = sum((model(normalise(images)).argmax(1).cpu() == labels).sum().item() for images, labels in loader)
    return 100 * right / len(loader.dataset)


# %% [markdown]
# ### Before the long run: overfit one batch (no points)
#
# A model that works can learn a few images by heart. If it cannot, it will not learn 50,000 either. So
# [try this first](https://karpathy.github.io/2019/04/25/recipe/): it takes seconds. The cross-entropy should begin near
# $\ln 10 = 2.3$, and end below 0.1.


# %%
def overfit_one_batch(steps=60):
    """Trains a small ViT on the same 32 images again and again."""
    images, labels = (torch.stack(rows) for rows in zip(*(train_set[i] for i in range(32)), strict=True))
    with torch.random.fork_rng():  # the random numbers of your own training stay as they are
        torch.manual_seed(0)
        small = ViT((3, 32, 32), (8, 8), num_classes=10, dim=64, num_heads=4, depth=2, mlp_dim=128).to(DEVICE)
        adam = torch.optim.Adam(small.parameters(), lr=2e-3)
        for step in range(1, steps + 1):
            loss = F.cross_entropy(small(normalise(images)), labels.to(DEVICE))
            adam.zero_grad()
            loss.backward()
            adam.step()
            if step == 1 or step % 15 == 0:
                print(f"after {step:2} times: cross-entropy {loss.item():.3f}")


try:
    overfit_one_batch()
except NotImplementedError as error:
    print(error)

# %% [markdown]
# ### The training

# %%
##### IMPLEMENT YOUR CODE #####
### BEGIN SOLUTION
from torch.utils.tensorboard import SummaryWriter

EPOCHS = 10
# Half the time on a CPU that has it, and as accurate; a CPU without it would take four times as long.
BFLOAT16 = DEVICE.type == "cpu" and getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)()


def augment(images):
    """Mirrors every second image, and moves each by up to 4 pixels."""
    n = len(images)
    mirrored = torch.rand(n, device=images.device) < 0.5
    images = F.pad(torch.where(mirrored[:, None, None, None], images.flip(3), images), (4, 4, 4, 4))
    kept = torch.arange(32, device=images.device)
    rows, columns = (torch.randint(0, 9, (2, n, 1), device=images.device) + kept).unbind()
    numbers, channels = torch.arange(n)[:, None, None, None], torch.arange(3)[None, :, None, None]
    return images[numbers, channels, rows[:, None, :, None], columns[:, None, None, :]]


model = ViT((3, 32, 32), (4, 4), num_classes=10, dim=128, num_heads=8, depth=4, mlp_dim=256).to(DEVICE)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
scheduler = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, 1e-3, epochs=EPOCHS, steps_per_epoch=len(train_loader), pct_start=0.1
)
writer = SummaryWriter("runs/vit")
for epoch in range(1, EPOCHS + 1):
    writer.add_scalar("learning rate", scheduler.get_last_lr()[0], epoch)
    model.train()
    total = 0.0
    for images, labels in train_loader:
        with torch.autocast(DEVICE.type, dtype=torch.bfloat16, enabled=BFLOAT16):
            loss = F.cross_entropy(model(augment(normalise(images))), labels.to(DEVICE))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.item()
    loss, valid = total / len(train_loader), accuracy(model, valid_loader)
    writer.add_scalar("loss/train", loss, epoch)
    writer.add_scalar("accuracy/valid", valid, epoch)
    print(f"epoch {epoch}: loss {loss:.3f}, validation {valid:.2f} %")
writer.close()
### END SOLUTION
###############################

# %% [markdown]
# When your ViT is trained, run the next cell, which prints the line that counts.

# %%
if "model" in globals():
    print(f"Test accuracy: {accuracy(model, test_loader):.2f} %")
else:
    print("3e is not written yet: there is no `model`")

# %%
check("3e")

# %% [markdown]
# ## What was learnt (given, no points)
#
# The cells below look at your `model`. First, one image as the model gets it, cut into patches, and what the
# convolution of your `Patchification` looks for in a patch. Good filters are smooth: colours, edges, waves. Noise means
# that more training would help.


# %%
import matplotlib.pyplot as plt


def patch_convolution(vit):
    """The convolution of `Patchification`."""
    return next(layer for layer in vit.patchify.modules() if isinstance(layer, nn.Conv2d))


def tiles(pictures, columns, line=1.0):
    """Pictures (n, height, width, ...) as one, row by row, with lines of this value between them."""
    pictures = F.pad(pictures.movedim((1, 2), (-2, -1)), (0, 1, 0, 1), value=line).movedim((-2, -1), (1, 2))
    rows = [torch.cat(list(row), dim=1) for row in pictures.split(columns)]
    return torch.cat([row for row in rows if row.shape == rows[0].shape])


def show_patches(vit, image, number=32):
    """An image, its patches, and the first filters of the convolution."""
    convolution = patch_convolution(vit)
    height, width = convolution.kernel_size
    picture = image.permute(1, 2, 0) / 255
    cut = picture.unfold(0, height, height).unfold(1, width, width).permute(0, 1, 3, 4, 2)
    filters = convolution.weight.detach().float().cpu()[:number].permute(0, 2, 3, 1)
    lowest, highest = (getattr(filters, end)(dim=(1, 2, 3), keepdim=True) for end in ("amin", "amax"))
    _, axes = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
    axes[0].imshow(picture)
    axes[1].imshow(tiles(cut.flatten(0, 1), columns=cut.shape[1]))
    axes[2].imshow(tiles((filters - lowest) / (highest - lowest).clamp_min(1e-8), columns=8))
    for one, title in zip(axes, ("an image", "its patches", "filters"), strict=True):
        one.set_title(title)
        one.axis("off")
    plt.show()


if "model" in globals():
    show_patches(model, test_set[1][0])
else:
    print("3e is not written yet: there is no `model`")

# %% [markdown]
# Now the position embeddings. Nobody told the model where a patch stands. Each tile below belongs to one patch, in its
# place, and shows how much its embedding resembles those of all the others (the cosine of the angle; yellow is alike,
# and the white gap is the patch itself). Has the model learnt what a neighbour is? It is Figure 7 of the paper, in the
# middle.


# %%
@torch.no_grad()
def show_positions(vit):
    """For each patch, how its position embedding resembles that of each patch (as many rows as columns)."""
    embeddings = F.normalize(vit.pos_embedding.float().cpu()[0, 1:], dim=1)
    side = math.isqrt(len(embeddings))
    alike = (embeddings @ embeddings.T).fill_diagonal_(math.nan)[: side * side, : side * side].view(-1, side, side)
    _, axes = plt.subplots(figsize=(6, 6), layout="constrained")
    axes.imshow(tiles(alike, side, line=math.nan))
    axes.axis("off")
    plt.show()


if "model" in globals():
    show_positions(model)
else:
    print("3e is not written yet: there is no `model`")

# %% [markdown]
# ## To go further (no points)
#
# - Let `Attention` remember its weights, and draw where the class token looks, as Figure 6 of the paper does.
# - Leave out the position embedding. How much is lost? Then permute the patches of each image, and think again about
#   what the check of 3b says of the order of tokens.
# - Take the mean of all tokens instead of the class token. Is it better?
#   ([Some say so](https://arxiv.org/abs/2205.01580).)
#
# ## Collaborators and references
#
# *Write here with whom you worked, and which pages, books or tools you used. "None" is an answer, too.*

# %%
check.all()
