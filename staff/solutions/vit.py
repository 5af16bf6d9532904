# %% [markdown]
# # Homework 4-3. Vision Transformer
#
# We implement a Vision Transformer (ViT) for image classification, piece by piece: patches (3a),
# self-attention (3b), the encoder block (3c) and the whole model (3d). Follow part 3.1 and Figure 2 of *An
# Image Is Worth 16x16 Words: Transformers For Image Recognition at Scale*. For the details of the attention
# mechanism and of the position-wise feed-forward layer, refer to parts 3.2 and 3.3 of *Attention Is All You
# Need*. Where the two papers differ (the activation, the place of the normalisation), the Vision Transformer
# paper counts.
#
# ![An image is cut into nine patches. A convolution makes a token of each. A class token is put in front, an embedding
# of the place is added to each, and after the blocks the classification head sees the class token
# alone](images/vit_overview.svg)
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
# **What right values alone do not show.** In 3a to 3d gradients have to reach every parameter and the input
# (nothing is detached), or half of the points are lost. The same goes for a module that keeps something from one
# call to the next. What is right but for a batch of one, or for its dropout in training, earns 80 %.
#
# Write your code between the banners.
#
# {{ limits }}

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
# `Attention(dim, num_heads, dropout=0.)` is the self-attention of part 3.2 of *Attention Is All You Need*:
# linear layers make queries, keys and values of the tokens, every head mixes the values by its attention
# weights, and a last linear layer projects the heads put side by side.
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
vit = ViT((3, 32, 32), (4, 4), num_classes=10, dim=64, num_heads=4, depth=2, mlp_dim=128).to(DEVICE)
print(vit(torch.randn(2, 3, 32, 32, device=DEVICE)).shape)

# %%
check("3d")

# %% [markdown]
# ## 3e. Training [5 pts]
#
# Train your ViT on CIFAR-10 until it gets at least **65 %** of the test images right. The loaders below give uint8
# images `(batch, 3, 32, 32)`; `normalise` makes of them what the model gets. Patches, sizes and all else are up to you.
#
# Call the trained model `model`, and print a line after every epoch (**the log**). The cell below is given: it prints
# the accuracy on the **test** images, a line such as `Test accuracy: 66.12 %`. Both have to stand in the saved output
# of this notebook, otherwise this question earns nothing.
#
# On Colab, put the folder of the homework on your Drive and say below where it is.

# %%
import os
import sys

FOLDER = "/content/drive/MyDrive/hw4"  # where the folder of the homework is on your Drive
if "google.colab" in sys.modules:
    from google.colab import drive

    drive.mount("/content/drive")
    os.chdir(FOLDER)
    sys.path.append(FOLDER)

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
if "model" not in globals():
    raise NotImplementedError("train a ViT of the name `model` first")
print(f"Test accuracy: {accuracy(model, test_loader):.2f} %")

# %%
check("3e")

# %%
check.all()
