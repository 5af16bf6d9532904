# %% [markdown]
# # 2-2-2. Vision transformers that classify pictures (20 points)
#
# CIFAR-10 holds 60,000 colour pictures of 32 x 32 pixels in ten classes, 50,000 to train with and 10,000 to test with.
# Train a **ViT** and a **Swin** of Hugging Face's `transformers` on it, from scratch, and make each as good as you can:
# every hyperparameter is yours. Compare the two in a few sentences in `model_checkpoints/assignment2-2-2/report.md`
# (its length and its content earn nothing).
#
# **What counts** is the accuracy on the test pictures of the models that you save, measured by the grader from the
# files. One of the two is enough; the better one counts. At **73 %** or more (7,300 of 10,000) it earns all 20 points.
# Below, the points follow from the rank in the class; models between which the test pictures show no significant
# difference rank equally.
#
# | file in `model_checkpoints/assignment2-2-2/` | holds |
# |---|---|
# | `vit/config.json`, `vit/model.safetensors` | the ViT, as `save_pretrained` writes it |
# | `swin/config.json`, `swin/model.safetensors` | the Swin |
# | `vit/preprocess.json`, `swin/preprocess.json` | what `preprocess` below does to a picture before the model |
# | `report.md` | your comparison |
#
# `save` below writes the first three. The grader sends the test pictures through `preprocess` with those settings,
# then through the model in evaluation mode, and takes the class with the largest logit. It does not run your notebook.
#
# On Colab, put the folder of the assignment on your Drive and say below where it is.
#
# {{ limits of 2-2-2 }}

# %%
import os
import sys

FOLDER = "/content/drive/MyDrive/assignment2"  # where the folder of the assignment is on your Drive
if "google.colab" in sys.modules:
    from google.colab import drive

    drive.mount("/content/drive")
    os.chdir(FOLDER)
    sys.path.append(FOLDER)

# %%
import json
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split
from torch.utils.tensorboard import SummaryWriter
from torchinfo import summary
from tqdm import tqdm
from transformers import SwinConfig, SwinForImageClassification, ViTConfig, ViTForImageClassification

from data import CIFAR10_CLASSES, load_cifar10

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
CHECKPOINTS = Path("model_checkpoints/assignment2-2-2")
num_classes = len(CIFAR10_CLASSES)

# %% [markdown]
# ## The data (given)
#
# Every loader yields uint8 pictures `(batch, 3, 32, 32)` and labels `(batch,)`.

# %%
BATCH_SIZE = 128


def cifar10(split):
    images, labels = load_cifar10(split)
    return TensorDataset(torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(labels))


train_set, test_set = cifar10("train"), cifar10("test")
n_valid = len(train_set) // 20
parts = random_split(train_set, [len(train_set) - n_valid, n_valid], torch.Generator().manual_seed(0))
train_loader = DataLoader(parts[0], batch_size=BATCH_SIZE, shuffle=True, drop_last=True)
valid_loader = DataLoader(parts[1], batch_size=500)
test_loader = DataLoader(test_set, batch_size=500)
print(f"{len(parts[0]):,} pictures to train with, {len(parts[1]):,} to validate, {len(test_set):,} to test")

# %% [markdown]
# ## Preprocessing and saving (given: the grader does the same)
#
# | setting | means |
# |---|---|
# | `image_size` | pictures of another size are scaled to this one, which has to be the config's |
# | `mean`, `std` | for red, green and blue, of values from 0 to 1: the model gets `(value - mean) / std` |
# | `interpolation` | how pictures are scaled: `"nearest"`, `"bilinear"` or `"bicubic"` |

# %%
PREPROCESS = {
    "image_size": 32,
    "mean": [0.491, 0.482, 0.447],
    "std": [0.247, 0.243, 0.262],
    "interpolation": "bilinear",
}


# %%
def preprocess(images, settings):
    """uint8 pictures (batch, 3, 32, 32) -> what a model gets, float (batch, 3, image_size, image_size)"""
    size = settings["image_size"]
    images = images.float() / 255
    if images.shape[2:] != (size, size):
        images = F.interpolate(images, (size, size), mode=settings["interpolation"])
    mean, std = (torch.tensor(settings[name], device=images.device)[:, None, None] for name in ("mean", "std"))
    return (images - mean) / std


def save(model, settings, name):
    """Saves a model as "vit" or "swin", with what was done to its pictures."""
    model.save_pretrained(CHECKPOINTS / name, safe_serialization=True)
    (CHECKPOINTS / name / "preprocess.json").write_text(json.dumps(settings))


@torch.no_grad()
def accuracy(model, loader, settings):
    """The share of pictures of a loader that the model gets right, in percent"""
    model.eval()
    right = 0
    for images, labels in loader:
        logits = model(pixel_values=preprocess(images.to(DEVICE), settings)).logits
        right += (logits.argmax(1).cpu() == labels).sum().item()
    return 100 * right / len(loader.dataset)


# %% [markdown]
# ## From a config to a model
#
# A config says how a model is built, and nothing checks that its numbers fit together: `hidden_size` has to be a
# multiple of `num_attention_heads`, `image_size` of `patch_size`, every stage of a Swin halves the sides and doubles
# the channels, ... Compute it by hand before you train. `torchinfo.summary` shows every layer with the shape that
# leaves it; this Swin has 28,082 parameters, and its first layer turns a picture of 128 x 128 pixels into 1,024 tokens
# of 32 channels.

# %%
image_size = (128, 128)
swin_config = SwinConfig(
    image_size=image_size[0],
    num_labels=num_classes,
    embed_dim=32,
    depths=[2],
    num_heads=[4],
    window_size=5,
    drop_path_rate=0.1,
)
swin_model = SwinForImageClassification(swin_config)
summary(swin_model, input_size=(1, 3, image_size[0], image_size[1]))

# %% [markdown]
# ## Your models
#
# Train both, save each with `save(model, settings, "vit")` and `save(model, settings, "swin")`, and print its accuracy
# on the validation pictures after every epoch. Training takes long: save the state of a run as you go, so that it can
# go on where Colab stopped it. `attn_implementation="eager"` makes a ViT twice as fast on a CPU.

# %%
#####
# IMPLEMENT YOUR CODE #
#####
### BEGIN SOLUTION
vit_config = ViTConfig(
    image_size=32,
    patch_size=4,
    num_labels=num_classes,
    hidden_size=128,
    num_hidden_layers=4,
    num_attention_heads=8,
    intermediate_size=256,
    hidden_dropout_prob=0.0,
    attn_implementation="eager",
)
swin_config = SwinConfig(
    image_size=32,
    patch_size=2,
    num_labels=num_classes,
    embed_dim=48,
    depths=[2, 2, 2],
    num_heads=[3, 6, 12],
    window_size=4,
    mlp_ratio=2.0,
    drop_path_rate=0.0,
)
# Half the time on a CPU that has it, and as accurate; a CPU without it would take four times as long.
BFLOAT16 = DEVICE.type == "cpu" and getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)()


def augment(images):
    """Mirrors every second picture, and moves each by up to 2 pixels."""
    n = len(images)
    mirrored = torch.rand(n, device=images.device) < 0.5
    images = F.pad(torch.where(mirrored[:, None, None, None], images.flip(3), images), (2, 2, 2, 2))
    kept = torch.arange(32, device=images.device)
    rows, columns = (torch.randint(0, 5, (2, n, 1), device=images.device) + kept).unbind()
    pictures, channels = torch.arange(n)[:, None, None, None], torch.arange(3)[None, :, None, None]
    return images[pictures, channels, rows[:, None, :, None], columns[:, None, None, :]]


def train_epoch(model, optimizer, scheduler, epoch):
    """Trains for one epoch and returns the mean loss."""
    torch.manual_seed(epoch)  # so that a run that goes on after a stop is the run without the stop
    model.train()
    total = 0.0
    for images, labels in tqdm(train_loader, desc=f"epoch {epoch}", leave=False, mininterval=10):
        pictures = preprocess(augment(images.to(DEVICE)), PREPROCESS)
        with torch.autocast(DEVICE.type, dtype=torch.bfloat16, enabled=BFLOAT16):
            loss = F.cross_entropy(model(pixel_values=pictures).logits, labels.to(DEVICE))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        total += loss.item()
    return total / len(train_loader)


def train(name, model, epochs, highest_rate):
    """Trains a model, or goes on where a former run stopped, and saves it; prints a line for every epoch."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=highest_rate, weight_decay=0.02)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, highest_rate, epochs=epochs, steps_per_epoch=len(train_loader), pct_start=0.1
    )
    parts, history = {"model": model, "optimizer": optimizer, "scheduler": scheduler}, []
    path = Path("runs/cifar10") / f"{name}.pt"
    if path.exists():
        state = torch.load(path, map_location=DEVICE)
        history = state.pop("history")
        for part, values in state.items():
            parts[part].load_state_dict(values)
    writer = SummaryWriter(Path("runs/cifar10") / name)
    while len(history) < epochs:
        epoch, started = len(history) + 1, time.monotonic()
        loss = train_epoch(model, optimizer, scheduler, epoch)
        valid = accuracy(model, valid_loader, PREPROCESS)
        seconds = time.monotonic() - started
        history.append(f"{name}, epoch {epoch} of {epochs}: loss {loss:.3f}, validation {valid:.2f} %, {seconds:.0f} s")
        writer.add_scalar("loss/train", loss, epoch)
        writer.add_scalar("accuracy/valid", valid, epoch)
        writer.flush()
        torch.save({"history": history} | {part: value.state_dict() for part, value in parts.items()}, path)
    print("\n".join(history))
    writer.close()
    save(model, PREPROCESS, name)


torch.manual_seed(0)
vit_model = ViTForImageClassification(vit_config).to(DEVICE)
swin_model = SwinForImageClassification(swin_config).to(DEVICE)
train("vit", vit_model, epochs=10, highest_rate=1e-3)
train("swin", swin_model, epochs=24, highest_rate=2e-3)
### END SOLUTION
#####
# END OF YOUR CODE #
#####

# %% [markdown]
# ## What was saved (given)
#
# The next cell looks at the files as the grader does: it loads each model from its folder and counts the right answers.

# %%
for name, kind in {"vit": ViTForImageClassification, "swin": SwinForImageClassification}.items():
    if (CHECKPOINTS / name / "preprocess.json").exists():
        saved = kind.from_pretrained(CHECKPOINTS / name).to(DEVICE)
        settings = json.loads((CHECKPOINTS / name / "preprocess.json").read_text())
        parameters = sum(parameter.numel() for parameter in saved.parameters())
        print(f"{name}: {parameters:,} parameters, test accuracy {accuracy(saved, test_loader, settings):.2f} %")
    else:
        print(f"{name}: nothing is saved in {CHECKPOINTS / name}")

# %%
check("2-2-2")

# %%
check.all()
