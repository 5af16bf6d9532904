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

# %% [markdown] lang="ko"
# # 과제 4-3. 비전 트랜스포머
#
# 트랜스포머(Transformer)는 단어로 이루어진 문장을 읽습니다. **비전 트랜스포머**(Vision Transformer, ViT)는 이미지를
# 패치(patch)로 이루어진 문장처럼 읽습니다. 이미지를 작은 사각형으로 자르고, 각각을 벡터로 만들고, 모든 패치가 다른 모든
# 패치를 보게 합니다. ViT는 어느 픽셀이 서로 이웃인지도 모르므로 그것까지 배워야 합니다. 이 노트북에서는 ViT를 한 조각씩
# 구현하여 CIFAR-10으로 학습시킵니다.
#
# ![이미지를 패치 아홉 개로 자른다. 합성곱이 각 패치를 토큰으로 만든다. 클래스 토큰을 맨 앞에 두고, 각 토큰에 위치
# 임베딩을 더하고, 블록들을 지난 뒤에 분류 헤드는 클래스 토큰만 본다](images/vit_overview.svg)
#
# | 문항 | 구현할 것 | 점수 | 예상 시간 |
# |---|---|---|---|
# | 3a | `Patchification`: 이미지를 토큰으로 만들기 | 5 | 15-30분 |
# | 3b | `Attention`: 모든 토큰이 다른 모든 토큰을 보기 | 10 | 45-90분 |
# | 3c | `MLP`와 `Block` | 10 | 20-40분 |
# | 3d | `ViT`: 모델 전체 | 10 | 30-60분 |
# | 3e | 테스트 정확도가 65 % 이상인 학습 | 5 | 30-60분과 학습 시간 |
#
# **마감: {{ deadline }}.** {{ late }} 예상 시간은 어림값입니다. 학습이 가장 오래 걸립니다. 조교 풀이는 CPU 코어 두 개로
# 10 에포크(epoch)를 학습하는 데 11분이 걸렸습니다. Colab에서는 GPU를 고르세요(*런타임*, *런타임 유형 변경*). 몇 배나 더
# 빠릅니다.
#
# [*An Image Is Worth 16x16 Words: Transformers For Image Recognition at Scale*](https://arxiv.org/abs/2010.11929)의
# 3.1절과 그림 2를 따르세요. 어텐션(attention)과 위치별(position-wise) 순방향 층의 자세한 내용은 [*Attention Is All You
# Need*](https://arxiv.org/abs/1706.03762)의 3.2절과 3.3절을 참고하세요. 두 논문이 다른 곳(활성화 함수, 정규화의
# 위치)에서는 비전 트랜스포머 논문을 따릅니다.
#
# **노트북 전체의 규칙.** 규칙 하나라도 어기면, 어긴 코드를 쓰는 모든 문항의 점수를 잃습니다.
#
# - 미리 만들어진 층은 `nn.Conv2d`, `nn.Linear`, 활성화 층, 정규화 층, `nn.Dropout`과 컨테이너(`nn.Sequential`,
#   `nn.ModuleList`, `nn.ModuleDict`)만 쓸 수 있습니다.
# - 미리 만들어진 트랜스포머 부품은 쓸 수 없습니다. `nn.MultiheadAttention`, `nn.Transformer*`,
#   `F.scaled_dot_product_attention`, `F.multi_head_attention_forward`와 `torchvision.models`의 모델이 모두 해당합니다.
# - 다른 모듈을 더 가져오지 마세요. `torch`, `torchvision`, `math`, `typing`이면 충분합니다(`torch.nn.functional`은
#   `torch`의 일부입니다).
# - 클래스의 이름과 시그니처(signature), 그리고 미리 주어진 줄은 그대로 두세요.
#
# **진행 방법**
#
# - 이 노트북은 아무것도 작성하지 않은 상태에서도 처음부터 끝까지 실행됩니다. 아직 작성하지 않은 문항의 셀은 그렇다고
#   알려 줍니다. Colab에서는 첫 번째 셀이 Drive에서 과제 폴더를 찾습니다.
# - `IMPLEMENT YOUR CODE` 표시 사이에만 코드를 작성하세요. 보조 함수나 셀을 추가해도 됩니다.
# - 텐서 전체를 한 번에 다룬다고 생각하세요. 3d에서 블록을 차례로 지나는 것 말고는 반복문이 필요 없습니다. 지나치게 느린
#   코드는 끝까지 실행되지 않을 수 있습니다.
# - 각 문항 뒤에는 `check(...)` 셀이 있습니다. 공개된 예제로 여러분의 답을 그 자리에서 바로 확인해 줍니다. 채점할 때는
#   같은 종류의 예제를 더 많이 씁니다. 미리 주어진 것(글, 확인용 셀, 그림)은 채점하지 않습니다.
#
# **제출하기 전에**
#
# - 함께한 사람과 참고한 자료(웹 페이지 포함)를 이 노트북의 마지막 텍스트 셀에 적으세요. 출처를 밝히지 않고 코드를
#   베끼는 것은 학생 윤리 규정을 심각하게 위반하는 일입니다.
# - 필요 없는 print 문과 주석은 지우세요. **출력은 지우지 마세요.** 3e는 출력을 보고 채점합니다.
# - 과제의 노트북 세 개를 `{{ archive }}`에 넣으세요. 파일 이름에는 자신의 학번을 씁니다.
#
# {{ limits }}
#
# 다음 경우에도 점수가 깎입니다.
#
# | 문항 | 내용 |
# |---|---|
# | 3a-3d | 그래디언트(gradient)가 모든 파라미터와 입력에 도달하지 않으면(detach) 점수의 절반을 잃습니다 |
# | 3a-3d | 한 번의 호출에서 다음 호출로 무언가를 남기는 모듈은 점수의 절반을 잃습니다 |
# | 3a-3d | 예제가 하나뿐인 배치에서만, 또는 학습할 때의 드롭아웃만 틀리는 답은 점수의 80 %를 받습니다 |
# | 3b | 헤드를 나누지 않은 어텐션은 10점 가운데 5점을 받습니다 |
# | 3e | 학습 로그가 없거나 테스트 정확도가 없으면 점수를 받지 못합니다 |
#
# **더 읽을거리.** [The Illustrated Transformer](https://jalammar.github.io/illustrated-transformer/)는 벡터가 어디로
# 가는지 하나하나 보여 줍니다. [GELU](https://arxiv.org/abs/1606.08415)는 논문에서 쓰는 활성화 함수입니다.

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

# %% [markdown] lang="ko"
# ## 3a. 패치로 나누기 [5점]
#
# 난이도 ●●○○○, 중요도 ●●●●○, 15-30분.
#
# `Patchification(in_channels, patch_size, embedding_dim)`은 이미지를 서로 겹치지 않는 패치로 자르고,
# **합성곱**(convolution)으로 각 패치를 벡터로 투영합니다.
#
# - `patch_size`는 `(height, width)` 쌍이며, 두 변의 길이는 다를 수 있습니다.
# - 입력: 이미지 `(batch, in_channels, H, W)`. `H`와 `W`는 각각 패치의 높이와 너비의 배수입니다.
# - 출력: 토큰 `(batch, (H / height) * (W / width), embedding_dim)`. 글을 읽는 순서대로, 패치의 행을 위에서부터, 각 행은
#   왼쪽에서 오른쪽으로 놓습니다.
#
# **이 문항의 규칙:** 층은 `nn.Conv2d`만 쓸 수 있고, 실제 계산도 이 층이 해야 합니다. `nn.Linear`, `nn.Flatten`,
# `nn.Unfold`, `unfold`는 쓸 수 없고, 직접 만든 파라미터로 `F.conv2d`를 호출해도 안 됩니다. 결과의 차원을 다시 배열할
# 때에는 텐서의 메서드를 쓰세요.
#
# **작은 예.** 이미지가 4 × 6 픽셀이고 패치가 2 × 3이면 토큰은 $(4 / 2) \cdot (6 / 3) = 4$개입니다.
#
# | | 열 0-2 | 열 3-5 |
# |---|---|---|
# | **행 0-1** | 토큰 0 | 토큰 1 |
# | **행 2-3** | 토큰 2 | 토큰 3 |
#
# <details><summary>힌트: 합성곱으로 어떻게 자르나요?</summary>
#
# [합성곱](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html)은 창(window) 하나에 가중치를 곱한 다음,
# 창을 *스트라이드*(stride) 만큼 옮깁니다. 이웃한 두 창이 겹치지도 않고 빠뜨리는 곳도 없으려면 어떻게 해야 할까요?
# </details>
#
# <details><summary>힌트: (batch, embedding_dim, rows, columns)에서 토큰으로</summary>
#
# 먼저 행과 열을 한 차원으로 합치고(`flatten`), 그다음 두 차원을 맞바꾸세요(`transpose`). `view`나 `reshape`만 쓰면 값이
# 뒤섞입니다.
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

# %% [markdown] lang="ko"
# ## 3b. 어텐션 [10점]
#
# 난이도 ●●●●○, 중요도 ●●●●●, 45-90분.
#
# `Attention(dim, num_heads, dropout=0.)`은 *Attention Is All You Need* 3.2절의 셀프 어텐션(self-attention)입니다. 선형
# 층이 토큰에서 쿼리(query), 키(key), 값(value)을 만들고, 헤드(head)마다 자신의 어텐션 가중치로 값을 섞고, 마지막 선형
# 층이 나란히 이어 붙인 헤드들을 투영합니다. 각 헤드의 계산은 다음과 같습니다.
#
# $$\mathrm{Attention}(Q, K, V) = \mathrm{softmax}\Big(\frac{Q K^T}{\sqrt{d}}\Big)\, V$$
#
# | 이름 | shape | 뜻 |
# |---|---|---|
# | `x` | `(batch, N, dim)` | 토큰 |
# | $Q$, $K$, $V$ | `(batch, num_heads, N, head_dim)` | 토큰이 찾는 것, 내세우는 것, 전하는 것 |
# | $Q K^T$ | `(batch, num_heads, N, N)` | 행 `i`: 토큰 `i`가 각 토큰을 얼마나 보는지 |
# | 이어 붙인 헤드 | `(batch, N, dim)` | `dim`은 `num_heads * head_dim`입니다 |
#
# - 입력: 토큰 `(batch, N, dim)`. 출력: `(batch, N, dim)`.
# - 주어진 것: `self.head_dim`, `self.dim`, `self.num_heads`, `self.scale = head_dim ** 0.5`(점수를 이것으로
#   **나누세요**), `self.dropout`.
# - 선형 층의 이름은 마음대로 지어도 됩니다. 편향(bias)은 있어도 되고 없어도 되며, 층을 따로 두어도 되고 하나로 합쳐도
#   됩니다. 채점기가 찾을 수 있도록 `nn.Linear`로 만드세요. 그냥 `nn.Parameter`로 둔 행렬은 사람이 직접 채점해야 합니다.
# - `self.dropout`을 어텐션 가중치에 적용하세요.
# - **멀티 헤드**(multi-head) 어텐션은 10점입니다. `num_heads`를 무시하는 보통의 어텐션은 5점입니다.
#
# **이 문항의 규칙:** 어텐션은 직접 구현해야 합니다. `nn.MultiheadAttention`, `F.scaled_dot_product_attention`,
# `F.multi_head_attention_forward`는 쓸 수 없습니다. 맨 위의 규칙도 그대로 적용됩니다.
#
# **작은 예.** 토큰이 둘이고 크기가 1인 헤드가 하나 있으며, $Q = (1, 0)$, $K = (0, \ln 3)$, $V = (4, 8)$입니다. 토큰 0의
# 점수는 $(0, \ln 3)$이므로 가중치는 $(\tfrac14, \tfrac34)$이고 결과는 $\tfrac14 \cdot 4 + \tfrac34 \cdot 8 = 7$입니다.
# 토큰 1은 아무것도 찾지 않습니다. 점수가 $(0, 0)$이고 결과는 평균인 6입니다.
#
# <details><summary>힌트: 헤드로 어떻게 나누나요?</summary>
#
# `(batch, N, dim)`은 다르게 보면 `(batch, N, num_heads, head_dim)`입니다: `view`. 그다음 `@`가 헤드마다 따로 마지막 두
# 차원에 작용하도록 헤드와 토큰의 자리를 바꾸세요(`transpose(1, 2)`). 계산이 끝나면 같은 길로 되돌아옵니다.
# </details>
#
# <details><summary>힌트: 소프트맥스는 어느 차원으로 하나요?</summary>
#
# 토큰마다 자신이 보는 모든 토큰에 어텐션을 나누어 줍니다. 점수의 **행**마다 더하면 1이 됩니다. 예제가 하나인 배치와
# 셋인 배치의 결과가 다르면 여기를 살펴보세요.
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

# %% [markdown] lang="ko"
# ## 3c. 블록 [10점]
#
# 난이도 ●●○○○, 중요도 ●●●●●, 20-40분.
#
# `Block(dim, num_heads, mlp_dim, dropout=0.)`은 그림 2의 회색 상자(*Transformer Encoder*)입니다. 어텐션과 MLP가 있고,
# 각각에 층 정규화(layer normalization)와 잔차 연결(residual connection)이 있습니다.
#
# ![토큰이 LN1과 어텐션을 지나 들어온 값에 더해진다. 그다음 LN2와 MLP로 같은 일을 한 번 더 한다](images/vit_block.svg)
#
# - 입력: 토큰 `(batch, N, dim)`. 출력: `(batch, N, dim)`.
# - 주어진 것: `self.LN1`(어텐션의 것)과 `self.LN2`(MLP의 것).
# - `MLP(dim, hidden_dim, dropout)`도 여러분이 작성합니다. `hidden_dim`으로 가는 선형 층, 비전 트랜스포머 논문의 활성화
#   함수(GELU. 정확한 식과 tanh 근사식 모두 괜찮습니다), 드롭아웃(dropout), 다시 `dim`으로 돌아오는 선형 층, 드롭아웃의
#   순서입니다.
#
# `Block`을 채점할 때에는 여러분의 어텐션 대신 조교의 어텐션을 넣으므로, 3b에서 틀렸더라도 여기에서는 점수를 잃지
# 않습니다. `Attention(dim, num_heads, dropout)`으로 만들고 토큰만 넣어 호출하세요.
#
# **이 문항의 규칙:** 맨 위의 규칙과 같습니다. `nn.TransformerEncoderLayer`를 비롯하여 미리 만들어진 트랜스포머 부품은
# 쓸 수 없습니다.
#
# **작은 예.** 어텐션과 MLP가 영만 반환한다면, 블록은 입력을 그대로 반환할 것입니다. 종이에 직접 써 보세요. 잔차 연결이
# 있는 이유가 바로 이것입니다. 이런 블록으로 된 깊은 신경망은 단순한 상태에서 출발하고, 그래디언트는 곧바로 되돌아갈
# 길을 얻습니다.
#
# <details><summary>힌트: LN1은 어디에 두나요?</summary>
#
# 원래의 트랜스포머는 먼저 더하고 나중에 정규화합니다. 비전 트랜스포머는 어텐션에 *들어가는* 것을 정규화하고, 정규화하지
# *않은* 입력을 더합니다. 그림의 선을 따라가 보세요.
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

# %% [markdown] lang="ko"
# ## 3d. ViT [10점]
#
# 난이도 ●●●○○, 중요도 ●●●●●, 30-60분.
#
# `ViT(image_shape, patch_size, num_classes, dim, num_heads, depth, mlp_dim, dropout=0.)`는 **클래스 토큰**(class
# token)으로 이미지를 분류합니다. `__init__`의 `self.patchify`, `self.pos_embedding`, `self.cls_token`과 `forward`를
# 작성하세요.
#
# - `image_shape`는 `(C, H, W)`, `patch_size`는 `(height, width)`이고, 패치의 수는
#   `N = (H / height) * (W / width)`입니다.
# - `self.patchify`: `Patchification(in_channels, patch_size, embedding_dim)`. 이미지를 넣어 호출합니다.
# - `self.pos_embedding`: 학습되는 `nn.Parameter`이고 shape은 `(1, 1 + N, dim)`입니다. 위치마다 임베딩(embedding)이
#   하나이고, 클래스 토큰의 것이 맨 앞입니다.
# - `self.cls_token`: 학습되는 `nn.Parameter`이고 shape은 `(1, 1, dim)`입니다.
# - 주어진 것: `self.attention_blocks`(블록 `depth`개. 이 순서대로 한 번씩 씁니다)와 `self.classification_head`(층
#   정규화, 선형 층).
# - `forward`: 이미지 `(batch, C, H, W)` -> 로짓(logit) `(batch, num_classes)`. 클래스 토큰을 패치 앞에 두고, 위치
#   임베딩을 더하고, 모든 블록을 지난 다음, 분류 헤드가 클래스 토큰만 보게 하세요. 소프트맥스는 쓰지 않습니다. 손실
#   함수가 대신 합니다.
#
# `ViT`를 채점할 때에는 여러분의 것 대신 조교의 `Patchification`과 `Block`을 넣으므로, 3a-3c에서 틀렸더라도 여기에서는
# 점수를 잃지 않습니다.
#
# **이 문항의 규칙:** 맨 위의 규칙과 같습니다. 미리 만들어진 트랜스포머 부품과 `torchvision.models`의 모델은 쓸 수
# 없습니다.
#
# **작은 예.** CIFAR-10과 4 × 4 패치:
#
# | 단계 | shape |
# |---|---|
# | 이미지 | `(batch, 3, 32, 32)` |
# | `self.patchify` 뒤 | `(batch, 64, dim)` |
# | 클래스 토큰을 앞에 둔 것 | `(batch, 65, dim)` |
# | 위치 임베딩을 더한 뒤, 그리고 각 블록 뒤 | `(batch, 65, dim)` |
# | 클래스 토큰 | `(batch, dim)` |
# | `self.classification_head` 뒤 | `(batch, 10)` |
#
# <details><summary>힌트: 클래스 토큰은 하나인데 이미지는 여러 장입니다</summary>
#
# `self.cls_token`은 `(1, 1, dim)`이고, 이미지마다 이것이 필요합니다.
# [`expand`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html)로 배치 크기에 맞춘 다음,
# `torch.cat`으로 패치와 이어 붙이세요. 어느 차원으로 이어야 할까요?
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

# %% [markdown] lang="ko"
# 네 가지를 모두 작성하면 이 셀은 `torch.Size([2, 10])`을 출력합니다.

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

# %% [markdown] lang="ko"
# ## 3e. 학습 [5점]
#
# 난이도 ●●●○○, 중요도 ●●●●○, 30-60분과 학습 시간: CPU 코어 두 개로 10 에포크에 11분.
#
# 테스트 이미지의 **65 %** 이상을 맞힐 때까지 ViT를 CIFAR-10으로 학습시키세요. 아래의 로더(loader)는 uint8 이미지
# `(batch, 3, 32, 32)`를 주고, `normalise`는 그것을 모델이 받는 값으로 바꿉니다. 패치와 크기를 비롯한 나머지는 모두
# 자유롭게 정하세요.
#
# 학습한 모델의 이름은 `model`로 하고, 에포크마다 한 줄씩 출력하세요(**로그**). 아래의 셀은 미리 주어진 것으로,
# **테스트** 이미지의 정확도를 `Test accuracy: 66.12 %` 같은 한 줄로 출력합니다. 둘 다 이 노트북에 저장된 출력에 있어야
# 하며, 없으면 이 문항은 점수를 받지 못합니다.
#
# *이런 결과가 나와야 합니다.* 조교 풀이는 검증 이미지를 한 에포크 뒤에 47 %, 네 에포크 뒤에 60 % 맞혔고, 마지막에는
# 테스트 이미지의 69.03 %를 맞혔습니다. 아무렇게나 찍으면 10 %입니다. 손실이 $\ln 10 = 2.303$에 머물러 있으면 아무것도
# 배우지 못한 것입니다.
#
# <details><summary>힌트: 60 %에서 더 오르지 않습니다</summary>
#
# 합성곱이라면 처음부터 아는 것을 ViT는 이미지에서 배워야 하므로, 이미지가 많이 필요합니다. 가진 이미지를 늘리세요.
# 좌우로 뒤집고, 몇 픽셀씩 옮기세요. 그다음 학습률(learning rate)을 살펴보세요. 학습의 처음 십분의 일 동안 올리고,
# 끝에서는 영까지 내리세요. [How to train your ViT?](https://arxiv.org/abs/2106.10270)에서 이 모든 것을 시험했습니다.
# </details>
#
# <details><summary>힌트: 너무 오래 걸립니다</summary>
#
# 시간은 패치의 수에 따라 늘어납니다. 8 × 8 픽셀로 자르면 토큰이 사분의 일로 줄어듭니다. 에포크와 블록을 적게 하여
# 시험해 보고, 마지막에 크게 만드세요.
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

# %% [markdown] lang="ko"
# ### 오래 학습하기 전에: 배치 하나에 과적합시키기 (점수 없음)
#
# 모델이 제대로 되어 있다면 이미지 몇 장쯤은 통째로 외울 수 있습니다. 그것도 못 하면 50,000장도 배우지 못합니다. 그러니
# [이것부터 해 보세요](https://karpathy.github.io/2019/04/25/recipe/). 몇 초면 됩니다. 교차 엔트로피(cross-entropy)가
# $\ln 10 = 2.3$ 근처에서 시작하여 0.1 아래로 내려가야 합니다.


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

# %% [markdown] lang="ko"
# ### 본격적인 학습

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

# %% [markdown] lang="ko"
# ViT를 학습시킨 다음 아래의 셀을 실행하세요. 채점에 쓰이는 줄을 출력합니다.

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

# %% [markdown] lang="ko"
# ## 무엇을 배웠을까 (주어짐, 점수 없음)
#
# 아래의 셀들은 여러분의 `model`을 살펴봅니다. 먼저, 모델이 받는 그대로의 이미지 한 장을 패치로 자른 모습과, 여러분의
# `Patchification`에 있는 합성곱이 패치에서 찾는 것을 봅시다. 좋은 필터는 매끄럽습니다. 색, 경계선, 물결무늬 같은 것이
# 보입니다. 잡음처럼 보이면 더 학습시키는 것이 좋습니다.

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

# %% [markdown] lang="ko"
# 이번에는 위치 임베딩입니다. 패치가 어디에 있는지 모델에게 알려 준 사람은 없습니다. 아래의 타일 하나하나는 제자리에
# 놓인 패치 하나를 나타내고, 그 임베딩이 다른 모든 패치의 임베딩과 얼마나 비슷한지 보여 줍니다(각의 코사인. 노란색일수록
# 비슷하고, 하얀 빈칸은 그 패치 자신입니다). 모델은 이웃이 무엇인지 배웠나요? 논문의 그림 7 가운데에 있는 것이 이
# 그림입니다.


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

# %% [markdown] lang="ko"
# ## 더 해 보기 (점수 없음)
#
# - `Attention`이 가중치를 기억하게 하고, 논문의 그림 6처럼 클래스 토큰이 어디를 보는지 그려 보세요.
# - 위치 임베딩을 빼 보세요. 얼마나 나빠지나요? 그다음 각 이미지의 패치를 뒤섞고, 3b의 확인용 셀이 토큰의 순서에 대해
#   하는 말을 다시 생각해 보세요.
# - 클래스 토큰 대신 모든 토큰을 평균해 보세요. 더 나은가요? ([그렇다는 사람들도
#   있습니다](https://arxiv.org/abs/2205.01580).)
#
# ## 함께한 사람과 참고 자료
#
# *여기에 누구와 함께했는지, 어떤 웹 페이지와 책, 도구를 참고했는지 쓰세요. "없음"도 답입니다.*

# %%
check.all()
