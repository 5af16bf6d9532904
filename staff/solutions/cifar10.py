# %% [markdown]
# # 2-2-2. Vision transformers that classify pictures (20 points)
#
# Difficulty ●●●○○, importance ●●●●○, 1 to 2 hours and the training.
#
# [CIFAR-10](https://www.cs.toronto.edu/~kriz/cifar.html) holds 60,000 colour pictures of 32 x 32 pixels in ten classes,
# 50,000 to train with and 10,000 to test with. Nobody writes a whole Swin by hand every time: Hugging Face's
# [`transformers`](https://huggingface.co/docs/transformers/index) builds one in a few lines. Train a
# [**ViT**](https://huggingface.co/docs/transformers/model_doc/vit) and a
# [**Swin**](https://huggingface.co/docs/transformers/model_doc/swin) with it, from scratch.
#
# ![A Swin in three stages: 16 x 16 tokens of 48 channels, 8 x 8 of 96, 4 x 4 of 192; below it a ViT, whose 65 tokens of
# 128 channels stay the same](images/swin_stages.svg)
#
# A ViT ([Dosovitskiy et al. 2021](https://arxiv.org/abs/2010.11929)) keeps the same tokens from the first layer to the
# last, and each attends to all. A Swin begins with finer ones, merges 2 x 2 of them after each stage, and attends in
# windows.
#
# **What to do**
#
# 1. Try hyperparameters and configurations of both models, and make each as good as you can.
# 2. Compare the two in a few sentences: strengths and weaknesses, accuracy and cost. Write that in
#    `model_checkpoints/assignment2-2-2/report.md`, where a template lies. Its length and its content earn nothing.
# 3. Save the best ViT and the best Swin, and hand them in.
#
# **What counts** is the accuracy on the test pictures of the models that you save, measured by the grader from the
# files. One of the two is enough; the better one counts. At **73 %** or more (7,300 of 10,000) it earns all 20 points.
# Below, the points follow from the rank in the class; models between which the test pictures show no significant
# difference rank equally.
#
# | file in `model_checkpoints/assignment2-2-2/` | holds | written by |
# |---|---|---|
# | `vit/config.json`, `vit/model.safetensors` | the ViT, as `save_pretrained` writes it | `save`, below |
# | `swin/config.json`, `swin/model.safetensors` | the Swin | `save` |
# | `vit/preprocess.json`, `swin/preprocess.json` | what `preprocess` below does to a picture first | `save` |
# | `report.md` | your comparison | you |
#
# The grader sends the test pictures through `preprocess` with those settings, then through the model in evaluation
# mode, and takes the class with the largest logit. It does not run your notebook. Nobody but the grader measures these
# points: `check("2-2-2")` below looks at the files, not at the accuracy.
#
# **May I change ...?** Every hyperparameter is yours: the batch size, the size of the pictures, everything in a config.
#
# **How long does it take?** On one core of a CPU, without a GPU, our ViT (0.5 million parameters, 10 epochs) took 13.4
# minutes and got 68.76 % of the test pictures right. Our Swin (0.9 million, 24 epochs) took 40 minutes and got 74.29 %.
# We did not measure Colab's GPU, which should be much faster (*Runtime, Change runtime type*).
#
# {{ limits of 2-2-2 }}

# %% [markdown] lang="ko"
# # 2-2-2. 그림을 분류하는 비전 트랜스포머 (20점)
#
# 난이도 ●●●○○, 중요도 ●●●●○, 1-2시간과 학습 시간.
#
# [CIFAR-10](https://www.cs.toronto.edu/~kriz/cifar.html)에는 열 개의 클래스로 나뉜 32 x 32 픽셀의 컬러 그림이 60,000장
# 있습니다. 50,000장은 학습에, 10,000장은 테스트에 씁니다. Swin 전체를 매번 손으로 작성하는 사람은 없습니다. Hugging
# Face의 [`transformers`](https://huggingface.co/docs/transformers/index)를 쓰면 몇 줄로 만들 수 있습니다. 이것으로
# [**ViT**](https://huggingface.co/docs/transformers/model_doc/vit)와
# [**Swin**](https://huggingface.co/docs/transformers/model_doc/swin)을 처음부터 학습시키세요.
#
# ![세 스테이지로 된 Swin: 채널이 48개인 토큰 16 x 16개, 96개인 8 x 8개, 192개인 4 x 4개. 그 아래에 있는 ViT에서는
# 채널이 128개인 토큰 65개가 끝까지 그대로이다](images/swin_stages.svg)
#
# ViT([Dosovitskiy et al. 2021](https://arxiv.org/abs/2010.11929))는 첫 층부터 마지막 층까지 같은 토큰을 유지하고, 각
# 토큰이 모든 토큰에 어텐션을 합니다. Swin은 더 잘게 나눈 토큰으로 시작하여 스테이지(stage)가 끝날 때마다 토큰을 2 x
# 2개씩 합치고, 윈도 안에서 어텐션을 합니다.
#
# **할 일**
#
# 1. 두 모델의 하이퍼파라미터와 설정을 여러 가지로 시험하여 각각 할 수 있는 만큼 좋게 만듭니다.
# 2. 두 모델을 몇 문장으로 비교합니다. 장점과 단점, 정확도와 비용을 씁니다.
#    `model_checkpoints/assignment2-2-2/report.md`에 쓰며, 양식이 그곳에 있습니다. 보고서의 길이와 내용에는 점수가
#    없습니다.
# 3. 가장 좋은 ViT와 가장 좋은 Swin을 저장하여 제출합니다.
#
# **점수를 정하는 것**은 여러분이 저장한 모델의 테스트 그림 정확도입니다. 채점기가 파일을 읽어 직접 측정합니다. 둘
# 가운데 하나만 있어도 되며, 더 좋은 쪽으로 채점합니다. 정확도가 **73 %** 이상이면(10,000장 가운데 7,300장) 20점을 모두
# 받습니다. 그보다 낮으면 수업 안에서의 순위에 따라 점수를 받으며, 테스트 그림으로 보아 유의미한 차이가 없는 모델끼리는
# 순위가 같습니다.
#
# | `model_checkpoints/assignment2-2-2/`의 파일 | 내용 | 만드는 것 |
# |---|---|---|
# | `vit/config.json`, `vit/model.safetensors` | `save_pretrained`가 저장하는 그대로의 ViT | 아래의 `save` |
# | `swin/config.json`, `swin/model.safetensors` | Swin | `save` |
# | `vit/preprocess.json`, `swin/preprocess.json` | 아래의 `preprocess`가 그림에 먼저 하는 일 | `save` |
# | `report.md` | 여러분의 비교 | 여러분 |
#
# 채점기는 테스트 그림을 이 설정대로 `preprocess`에 통과시킨 다음 평가 모드의 모델에 넣고, 로짓이 가장 큰 클래스를
# 답으로 봅니다. 여러분의 노트북은 실행하지 않습니다. 이 점수는 채점기만이 측정합니다. 아래의 `check("2-2-2")`는 파일을
# 살펴볼 뿐 정확도를 재지 않습니다.
#
# **바꾸어도 되는 것.** 하이퍼파라미터는 모두 여러분이 정합니다. 배치 크기, 그림의 크기, 설정(config)에 있는 모든 것을
# 바꾸어도 됩니다.
#
# **시간은 얼마나 걸리나요?** GPU 없이 CPU 코어 하나로 조교의 ViT(파라미터 0.5백만 개, 10 에포크)는 13.4분이 걸려 테스트
# 그림의 68.76 %를 맞혔습니다. Swin(0.9백만 개, 24 에포크)은 40분이 걸려 74.29 %를 맞혔습니다. Colab의 GPU에서는 재어
# 보지 않았지만 훨씬 빠를 것입니다(*런타임, 런타임 유형 변경*).
#
# {{ limits of 2-2-2 }}

# %%
import json
import time
from pathlib import Path

import matplotlib.pyplot as plt
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

# %% [markdown] lang="ko"
# ## 데이터 (주어짐)
#
# 모든 로더(loader)는 uint8 그림 `(batch, 3, 32, 32)`와 레이블 `(batch,)`를 내놓습니다.

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

# %% [markdown] lang="ko"
# ## 전처리와 저장 (주어짐: 채점기도 똑같이 합니다)
#
# | 설정 | 뜻 |
# |---|---|
# | `image_size` | 크기가 다른 그림은 이 크기로 바꿉니다. config의 값과 같아야 합니다 |
# | `mean`, `std` | 빨강, 초록, 파랑의 값(0부터 1까지를 기준으로). 모델은 `(value - mean) / std`를 받습니다 |
# | `interpolation` | 그림의 크기를 바꾸는 방법: `"nearest"`, `"bilinear"`, `"bicubic"` |

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


LARGEST_MIB = 512  # of a saved model


def save(model, settings, name):
    """Saves a model as "vit" or "swin", with what was done to its pictures; says so if it is too large to count."""
    folder = CHECKPOINTS / name
    # In one file, since the grader looks for no other.
    model.save_pretrained(folder, safe_serialization=True, max_shard_size="50GB")
    (folder / "preprocess.json").write_text(json.dumps(settings))
    if (mib := (folder / "model.safetensors").stat().st_size / 2**20) > LARGEST_MIB:
        print(f"{name} has {mib:,.1f} MiB. The grader reads at most {LARGEST_MIB} MiB: make this model smaller.")


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
# A config says how a model is built, and **nothing checks that its numbers fit together**. So compute by hand before
# you train:
#
# | config | has to hold |
# |---|---|
# | both | `image_size` is a multiple of `patch_size`, `num_labels` is 10 |
# | ViT | `hidden_size` is a multiple of `num_attention_heads` |
# | Swin | stage $i$ (from 0) has `embed_dim` $\cdot 2^i$ channels, a multiple of `num_heads[i]` |
# | Swin | `depths` and `num_heads` are equally long; each stage but the last halves the sides |
# | Swin | the sides of each stage are multiples of `window_size`; otherwise they are filled up, which costs time |
#
# **By hand: the Swin of the next cell.** `image_size` 128 and `patch_size` 4 (what `SwinConfig` has by itself) make 32
# x 32 = 1,024 tokens. Each patch has 4 x 4 x 3 = 48 values, which become 32 channels: 48 x 32 + 32 = 1,568 parameters.
# [`torchinfo.summary`](https://github.com/TylerYep/torchinfo) shows the same, layer for layer: 28,082 parameters in
# all.

# %% [markdown] lang="ko"
# ## config에서 모델까지
#
# config는 모델을 어떻게 만들지 정합니다. 그런데 **그 값들이 서로 맞는지는 아무도 확인하지 않습니다.** 그러니 학습하기
# 전에 손으로 계산해 보세요.
#
# | config | 지켜야 할 것 |
# |---|---|
# | 둘 다 | `image_size`는 `patch_size`의 배수이고, `num_labels`는 10입니다 |
# | ViT | `hidden_size`는 `num_attention_heads`의 배수입니다 |
# | Swin | 스테이지 $i$(0부터)의 채널은 `embed_dim` $\cdot 2^i$개이고, `num_heads[i]`의 배수입니다 |
# | Swin | `depths`와 `num_heads`는 길이가 같습니다. 마지막을 뺀 각 스테이지는 변의 길이를 절반으로 줄입니다 |
# | Swin | 각 스테이지의 변의 길이는 `window_size`의 배수입니다. 아니면 패딩으로 채우느라 시간이 더 걸립니다 |
#
# **손으로 계산하기: 다음 셀의 Swin.** `image_size` 128과 `patch_size` 4(`SwinConfig`의 기본값)이면 토큰은 32 x 32 =
# 1,024개입니다. 각 패치의 값 4 x 4 x 3 = 48개가 채널 32개가 됩니다. 파라미터는 48 x 32 + 32 = 1,568개입니다.
# [`torchinfo.summary`](https://github.com/TylerYep/torchinfo)는 같은 것을 층마다 보여 줍니다. 모두 28,082개입니다.

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
# And a ViT, of the size that Google published. `from_pretrained("google/vit-base-patch16-224-in21k")` would load its
# weights; yours is trained from scratch. The cell builds it without memory for its weights (`"meta"`), for it is large.
# See `classifier_dropout`? A ViT has no such setting. The config takes it all the same, and it changes nothing.

# %% [markdown] lang="ko"
# 이번에는 Google이 공개한 크기의 ViT입니다. `from_pretrained("google/vit-base-patch16-224-in21k")`를 쓰면 그 가중치를
# 불러오지만, 여러분의 모델은 처음부터 학습시킵니다. 이 모델은 크므로, 셀은 가중치를 둘 메모리 없이(`"meta"`) 모델을
# 만듭니다. `classifier_dropout`이 보이나요? ViT에는 그런 설정이 없습니다. 그래도 config는 받아들이며, 아무것도 달라지지
# 않습니다.

# %%
vit_config = ViTConfig(
    image_size=224,
    num_labels=num_classes,
    hidden_size=768,
    num_hidden_layers=12,
    num_attention_heads=12,
    patch_size=16,
    intermediate_size=3072,
    hidden_act="gelu",
    classifier_dropout=0.1,
)
with torch.device("meta"):
    vit_model = ViTForImageClassification(vit_config)
print(f"{sum(parameter.numel() for parameter in vit_model.parameters()):,} parameters")

# %% [markdown]
# ## Your configs
#
# Write a config for each model. Pictures of 32 x 32 pixels are small, so your models may be small as well.
#
# <details><summary>Hint: an error while the model is built, or in its first batch</summary>
#
# The shapes of two layers do not fit. Go through the table above with your numbers. The last line of the error has the
# two shapes that met.
# </details>
#
# <details><summary>Hint: an error, or no memory left, with a small window</summary>
#
# Take a larger `window_size`, and change the other numbers so that they fit. Small patches cost much more: half the
# side makes four times as many tokens, and in a ViT sixteen times as many pairs.
# </details>
#
# <details><summary>Hint: how large?</summary>
#
# Begin with a model that needs a minute for an epoch. 0.5 to 1 million parameters are enough for 73 %; with
# `patch_size=16` only four patches are left of a picture, which is too coarse.
# </details>

# %% [markdown] lang="ko"
# ## 여러분의 config
#
# 모델마다 config를 작성하세요. 32 x 32 픽셀의 그림은 작으므로 모델도 작아도 됩니다.
#
# <details><summary>힌트: 모델을 만들 때나 첫 배치에서 오류가 납니다</summary>
#
# 두 층의 shape이 서로 맞지 않는 것입니다. 여러분의 값을 위의 표에 하나씩 맞추어 보세요. 오류의 마지막 줄에 서로 부딪친
# 두 shape이 적혀 있습니다.
# </details>
#
# <details><summary>힌트: 윈도가 작으면 오류가 나거나 메모리가 모자랍니다</summary>
#
# `window_size`를 더 크게 하고, 다른 값을 그에 맞게 바꾸세요. 패치가 작으면 계산량이 훨씬 많아집니다. 변을 절반으로
# 줄이면 토큰은 네 배가 되고, ViT에서는 쌍의 수가 열여섯 배가 됩니다.
# </details>
#
# <details><summary>힌트: 얼마나 커야 하나요?</summary>
#
# 한 에포크에 일 분쯤 걸리는 모델로 시작하세요. 73 %에는 파라미터 0.5-1백만 개면 충분합니다. `patch_size=16`이면 그림
# 하나에 패치가 네 개밖에 남지 않아 너무 거칩니다.
# </details>

# %%
vit_config = swin_config = None
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
### END SOLUTION
#####
# END OF YOUR CODE #
#####

# %% [markdown]
# ## Overfit one batch (given, no points)
#
# Before a long run, a short one: each model sees the same 16 pictures again and again. *What you should see:* the loss
# starts near 2.3, which is $\ln 10$, the loss of a guess among ten. It ends below 0.5. If it stays, no longer run
# helps.

# %% [markdown] lang="ko"
# ## 배치 하나에 과적합시키기 (주어짐, 점수 없음)
#
# 오래 학습하기 전에 짧게 먼저 해 봅시다. 각 모델이 같은 그림 16장을 보고 또 봅니다. *이런 결과가 나와야 합니다.* 손실은
# 2.3 근처에서 시작합니다. 열 개 가운데 하나를 찍을 때의 손실인 $\ln 10$입니다. 그리고 0.5 아래에서 끝납니다. 계속
# 그대로라면 더 오래 학습해도 소용이 없습니다.


# %%
def overfit_one_batch(kind, config, name, steps=30) -> None:
    """Print the loss of a new model while it learns 16 pictures by heart."""
    if config is None:
        print(f"{name}_config is not written yet")
        return
    images, labels = (torch.stack(part) for part in zip(*(parts[0][i] for i in range(16)), strict=True))
    pictures, labels = preprocess(images.to(DEVICE), PREPROCESS), labels.to(DEVICE)
    model = kind(config).to(DEVICE).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for step in range(steps + 1):
        loss = F.cross_entropy(model(pixel_values=pictures).logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            print(f"{name}, step {step}: loss {loss.item():.3f}")


overfit_one_batch(ViTForImageClassification, vit_config, "vit")
overfit_one_batch(SwinForImageClassification, swin_config, "swin")

# %% [markdown]
# ## Your models
#
# Train both, save each with `save(model, settings, "vit")` and `save(model, settings, "swin")`, and print its accuracy
# on the validation pictures after every epoch. Log loss and accuracy to
# [TensorBoard](https://docs.pytorch.org/docs/stable/tensorboard.html), in the folders `runs/cifar10/vit` and
# `runs/cifar10/swin`; a cell below draws the curves. Training takes long: save the state of a run as you go, so that it
# can go on where Colab stopped it. `attn_implementation="eager"` makes a ViT twice as fast on a CPU.
#
# <details><summary>Hint: training accuracy rises, validation accuracy does not</summary>
#
# 47,500 pictures are few for a transformer. Mirror them at random, and move them by a pixel or two: that is worth more
# than a larger model. See [the ViT paper](https://arxiv.org/abs/2010.11929) on data and size.
# </details>
#
# <details><summary>Hint: the loss jumps, or stands still at 2.3</summary>
#
# Transformers want a learning rate that rises during the first steps and falls at the end:
# [`OneCycleLR`](https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html) does both.
# 1e-3 with AdamW is a fair start. Clip the gradients to a norm of 1.
# </details>

# %% [markdown] lang="ko"
# ## 여러분의 모델
#
# 둘 다 학습시키고, 각각 `save(model, settings, "vit")`와 `save(model, settings, "swin")`으로 저장하고, 에포크가 끝날
# 때마다 검증 그림의 정확도를 출력하세요. 손실과 정확도를 `runs/cifar10/vit`와 `runs/cifar10/swin` 폴더에
# [TensorBoard](https://docs.pytorch.org/docs/stable/tensorboard.html) 기록으로 남기세요. 아래의 셀이 그 곡선을
# 그립니다. 학습은 오래 걸립니다. 학습 상태를 틈틈이 저장하여, Colab이 멈추어도 그 자리에서 이어 갈 수 있게 하세요.
# CPU에서는 `attn_implementation="eager"`로 ViT가 두 배 빨라집니다.
#
# <details><summary>힌트: 학습 정확도는 오르는데 검증 정확도는 오르지 않습니다</summary>
#
# 그림 47,500장은 트랜스포머에는 적습니다. 그림을 무작위로 좌우로 뒤집고 한두 픽셀씩 옮기세요. 모델을 키우는 것보다
# 효과가 큽니다. 데이터와 모델의 크기에 대해서는 [ViT 논문](https://arxiv.org/abs/2010.11929)을 참고하세요.
# </details>
#
# <details><summary>힌트: 손실이 널뛰거나 2.3에서 움직이지 않습니다</summary>
#
# 트랜스포머의 학습률은 처음 몇 단계 동안 커지고 끝에 가서 작아져야 합니다.
# [`OneCycleLR`](https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html)은 두 가지를 다
# 합니다. AdamW에 1e-3이면 시작하기에 적당합니다. 그래디언트의 크기(norm)를 1로 제한(클리핑, clipping)하세요.
# </details>

# %%
#####
# IMPLEMENT YOUR CODE #
#####
### BEGIN SOLUTION
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

# %% [markdown] lang="ko"
# ## 저장한 것 (주어짐)
#
# 다음 셀은 채점기와 똑같이 파일을 살펴봅니다. 각 모델을 폴더에서 불러와, 맞힌 답을 셉니다.

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

# %% [markdown]
# ## What was learnt (given, no points)
#
# First the curves, from what you logged to TensorBoard.

# %% [markdown] lang="ko"
# ## 무엇을 배웠을까 (주어짐, 점수 없음)
#
# 먼저 여러분이 TensorBoard에 기록한 값의 곡선입니다.


# %%
def show_curves(folder):
    """Draws all scalars of the TensorBoard runs in a folder: one picture for each first part of their names."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    curves = {}
    logs = sorted({path.parent for path in Path(folder).rglob("events.out.tfevents.*")})
    for number, log in enumerate(logs):
        events = EventAccumulator(str(log)).Reload()
        for tag in events.Tags()["scalars"]:
            kind, _, part = tag.partition("/")
            curves.setdefault(kind, []).append((f"{log.name} {part}", f"C{number}", events.Scalars(tag)))
    if not curves:
        print(f"no curves in {folder} yet")
        return
    _, pictures = plt.subplots(1, len(curves), figsize=(6 * len(curves), 4), squeeze=False)
    for picture, (kind, lines) in zip(pictures[0], curves.items(), strict=True):
        for name, colour, points in lines:
            style = {"linestyle": "--" if "train" in name else "-", "color": colour, "marker": ".", "label": name}
            picture.plot([one.step for one in points], [one.value for one in points], **style)
        picture.set(xlabel="epoch", title=kind)
        picture.legend(fontsize=7)
    plt.show()


show_curves("runs/cifar10")

# %% [markdown]
# Then what each saved model confuses on the validation pictures (rows are the truth), and the pictures that it is
# surest about and wrong. Cats and dogs are hard for everybody.

# %% [markdown] lang="ko"
# 다음은 저장한 각 모델이 검증 그림에서 무엇을 혼동하는지(행이 정답입니다), 그리고 가장 확신하면서 틀린 그림들입니다.
# 고양이와 개는 누구에게나 어렵습니다.


# %%
@torch.no_grad()
def show_mistakes(model, settings, name, count=8):
    """Draws the confusion of a model on the validation pictures, and its worst mistakes."""
    model.eval()
    logits = [model(pixel_values=preprocess(x.to(DEVICE), settings)).logits.cpu() for x, _ in valid_loader]
    images, labels = (torch.cat(part) for part in zip(*valid_loader, strict=True))
    sureness, answers = torch.cat(logits).softmax(1).max(1)
    confusion = torch.zeros(num_classes, num_classes)
    confusion.index_put_((labels, answers), torch.ones(len(labels)), accumulate=True)
    figure = plt.figure(figsize=(13, 4.5), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.6))
    picture = left.subplots()
    picture.imshow(
        confusion.sqrt().numpy(), cmap="Blues"
    )  # the root, so that rare mistakes show beside many right answers
    picture.set(title=name, xlabel="the model says")
    picture.set_xticks(range(num_classes), CIFAR10_CLASSES, rotation=90)
    picture.set_yticks(range(num_classes), CIFAR10_CLASSES)
    worst = (sureness * (answers != labels)).argsort(descending=True)[:count]
    for picture, place in zip(right.subplots(2, count // 2).flat, worst.tolist(), strict=False):
        picture.imshow(images[place].permute(1, 2, 0).numpy())
        says, is_right = CIFAR10_CLASSES[answers[place]], CIFAR10_CLASSES[labels[place]]
        picture.set_title(f"{says} ({sureness[place]:.0%})\nis: {is_right}", fontsize=9)
        picture.set_axis_off()
    plt.show()


for name, kind in {"vit": ViTForImageClassification, "swin": SwinForImageClassification}.items():
    if (CHECKPOINTS / name / "preprocess.json").exists():
        settings = json.loads((CHECKPOINTS / name / "preprocess.json").read_text())
        show_mistakes(kind.from_pretrained(CHECKPOINTS / name).to(DEVICE), settings, name)
    else:
        print(f"{name}: nothing is saved in {CHECKPOINTS / name}")

# %% [markdown]
# ## To go further (no points)
#
# - Shuffle the patches of each validation picture, and measure both models again. Which one relies more on where things
#   are?
# - Give both models the same number of parameters and the same minutes. Does the Swin still win? With a tenth of the
#   training pictures?
#
# ## Collaborators and references
#
# *Write here with whom you worked, and which pages, books or tools you used. "None" is an answer, too.*

# %% [markdown] lang="ko"
# ## 더 해 보기 (점수 없음)
#
# - 각 검증 그림의 패치를 섞고 두 모델을 다시 측정해 보세요. 무엇이 어디에 있는지에 더 의존하는 쪽은 어느 모델인가요?
# - 두 모델의 파라미터 수와 학습 시간을 같게 해 보세요. 그래도 Swin이 이기나요? 학습 그림이 십분의 일뿐이라면 어떨까요?
#
# ## 함께한 사람과 참고 자료
#
# *여기에 누구와 함께했는지, 어떤 웹 페이지와 책, 도구를 참고했는지 쓰세요. "없음"도 답입니다.*

# %%
check.all()
