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

# %% [markdown] lang="ko"
# # 과제 2-2: 트랜스포머
#
# 32 x 32 픽셀의 그림에는 픽셀이 1,024개 있습니다. 모든 픽셀이 서로에게 어텐션(attention)을 하면 백만 쌍이 되고, 1,000 x
# 1,000 픽셀의 사진이라면 그 백만 배가 됩니다. 그래서 비전 트랜스포머(vision transformer)는 덜 보아야 합니다. **ViT**는
# 그림을 굵직한 패치(patch)로 나눕니다. **Swin Transformer**는 잘게 나누되, 작은 윈도(window) 안에서만 둘러보게 합니다.
# 여기서는 윈도와, 윈도들을 이어 주는 기법을 손으로 직접 구현합니다. 그다음 두 가지 모델을 CIFAR-10으로 학습시켜
# 비교합니다.
#
# | 문항 | 할 일 | 점수 | 예상 시간 |
# |---|---|---|---|
# | 2-2-1 | 윈도 어텐션과 이동한 윈도 어텐션 | 30 | 2-4시간 |
# | 2-2-2 | 그림을 분류하는 ViT와 Swin | 20 | 1-2시간과 학습 시간 |
#
# **마감: {{ deadline }}.** {{ late }} 예상 시간은 어림값입니다. 조교가 두 모델을 CPU 코어 하나로 학습시켰을 때 53분이
# 걸렸습니다.
#
# **진행 방법**
#
# - 이 노트북은 Google Colab에서 그대로 실행됩니다. import하는 것은 모두 Colab에 미리 설치되어 있습니다. 과제 폴더의
#   압축을 풀어 Drive에 올려 두면 첫 번째 셀이 찾아냅니다. 아무것도 작성하지 않은 상태에서도 *모두 실행(Run all)* 이
#   됩니다. 아직 답하지 않은 문항의 셀은 그렇다고 알려 줍니다.
# - `IMPLEMENT YOUR CODE` 줄과 `END OF YOUR CODE` 줄 사이에 코드를 작성하세요. 보조 함수나 셀을 추가해도 됩니다.
# - 함수의 이름과 매개변수의 순서를 바꾸지 마세요. 채점기가 그대로 호출합니다.
# - 텐서 전체를 한 번에 다룬다고 생각하세요. 윈도를 도는 네 겹의 반복문이 하는 일을 `reshape` 하나로 훨씬 빠르게 할 수
#   있습니다.
# - 각 문항 뒤에는 `check(...)` 셀이 있습니다. 공개된 예제로 여러분의 답을 그 자리에서 바로 확인해 줍니다. 채점할 때는
#   같은 종류의 다른 예제를 씁니다. 미리 주어진 셀(이 글, 확인용 셀, 그래프)은 채점하지 않습니다.
# - 조교에게 질문하기 전에 먼저 웹에서 찾아보세요. [PyTorch](https://docs.pytorch.org/docs/stable/index.html) 문서와
#   [Transformers](https://huggingface.co/docs/transformers/index) 문서가 잘 되어 있습니다.
#
# **제출하기 전에**
#
# - 함께한 사람과 참고한 자료(웹 페이지 포함)를 이 노트북의 마지막 텍스트 셀에 적으세요. 출처를 밝히지 않고 코드를
#   베끼는 것은 학생 윤리 규정을 심각하게 위반하는 일입니다.
# - 필요 없는 print 문과 주석은 지우세요. **출력은 지우지 마세요.**
# - `sh CollectSubmission.sh 2000-00000`을 자신의 학번으로 실행하면 과제의 노트북 두 개와 `model_checkpoints/`를
#   `{{ archive }}`로 묶어 줍니다. 이 파일을 제출하세요.
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

# %% [markdown] lang="ko"
# # 2-2-1. 이동한 윈도의 어텐션 (30점)
#
# 난이도 ●●●●○, 중요도 ●●●●○, 2-4시간.
#
# Swin Transformer([Liu et al. 2021](https://arxiv.org/abs/2103.14030))에서는 그림의 위치들이 작은 윈도 안에서만
# 서로에게 어텐션을 합니다. 그래서 계산량이 적습니다. 윈도가 4 x 4이면 그림이 아무리 커도 위치 하나가 16개만 봅니다.
# 하지만 그러면 아무것도 윈도의 경계를 넘지 못합니다. 그래서 다음 층은 윈도를 그 크기의 절반만큼 **이동**(shift)합니다.
# 그러면 경계의 양쪽에 있던 이웃이 만납니다.
#
# ![위치가 8 x 8개인 그림 세 장: 4 x 4 윈도 네 개, 2만큼 이동한 윈도, 같은 그림을 2만큼 roll한 것. 셋째 그림에서는
# 이동한 윈도가 보통의 윈도가 되고, 반대쪽으로 넘어간 것을 글자로 나타낸다](images/swin_windows.svg)
#
# 이동한 윈도는 그림 밖으로 삐져나옵니다. Swin은 그 대신 **그림을 roll합니다**. 그러면 모든 윈도가 다시 온전해지고, 같은
# 코드로 자를 수 있습니다. 다만 어떤 윈도에는 그림의 반대쪽 끝에서 온, 서로 이웃이 아닌 조각들이 함께 들어갑니다.
# **마스크**(mask)가 이 조각들을 서로 떼어 놓습니다.
#
# 여기서는 이런 층을 두 개 구현합니다. 수업의 목적에 맞게 논문의 층보다 단순합니다. **잔차 연결(residual connection),
# 정규화, 위치 편향(position bias)은 없습니다.** 실제 구현은 정확도를 위해 더 복잡합니다([소스
# 코드](https://github.com/huggingface/transformers/blob/main/src/transformers/models/swin/modeling_swin.py)).
#
# 다음 셀의 두 클래스는 미리 주어진 것이니 바꾸지 마세요. 각각 선형층이 하나 들어 있고, 모두가 같은 값을 얻도록 그
# 가중치와 편향은 전부 일입니다. 채점기는 다른 가중치도 넣어 봅니다. 그러니 일이 들어 있을 때 나오는 값에 맞추지 말고
# 클래스를 그대로 사용하세요.


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

# %% [markdown] lang="ko"
# `cal_window_transformer_block`을 작성하세요.
#
# | | shape | |
# |---|---|---|
# | `x` | `(B, H, W, C)` | float32: 그림, 행, 열, 채널 |
# | `window_size` | `(h, w)` | 윈도의 행 수와 열 수. H와 W는 각각 이보다 크고, 이것의 배수입니다 |
# | `num_heads` | | C의 약수 |
# | 반환값 | `(B, H, W, C)` | float32 |
#
# **1단계. 윈도 안의 어텐션.** 그림을 `h`행 `w`열의 겹치지 않는 윈도들로 자릅니다. 각 윈도에서 `h * w`개의 위치를
# 토큰으로 하여,
#
# - `q`, `k`, `v`는 각각 자기만의 `IdentityMLP(C)`에서 나옵니다.
# - 헤드(head)는 연속한 $d = C / \text{num\_heads}$개의 채널입니다. 첫 번째 헤드는 채널 $0$부터 $d - 1$까지, 두 번째
#   헤드는 $d$부터 $2d - 1$까지이고, 그다음도 같습니다.
# - 각 헤드는 $\text{softmax}(q k^T / \sqrt{d})\, v$를 계산합니다.
# - 헤드의 결과들을 같은 순서로 나란히 붙여 `HeaderConcatMLP(C, C)`에 통과시킵니다.
#
# **2단계. 이동한 윈도 안의 어텐션.** 새로 만든 층들로, 1단계의 결과에 대해,
#
# - 그림을 `-(h // 2)`행, `-(w // 2)`열만큼 roll합니다. 위로 나간 것은 아래로 돌아오고, 왼쪽으로 나간 것은 오른쪽으로
#   돌아옵니다.
# - 1단계에서 한 일을 그대로 하되 제한이 하나 있습니다. roll한 그림의 마지막 윈도들에는 이제 서로 이웃이 아닌 위치들이
#   함께 들어 있습니다. 한 윈도의 두 위치는 행과 열 각각에서 **둘 다 반대쪽으로 넘어갔거나 둘 다 넘어가지 않았을
#   때**에만 서로에게 어텐션을 할 수 있습니다. 나머지 모든 쌍의 점수에는 소프트맥스 전에 -100 이하(또는 $-\infty$)의
#   마스크를 더하세요.
# - 그림을 roll하여 되돌립니다.
#
# | 안에서 쓰는 것 | shape |
# |---|---|
# | 윈도들 | `(B, H/h * W/w, h * w, C)`, 또는 앞의 두 차원을 하나로 합친 것 |
# | 각 헤드의 q, k, v | `(B, windows, num_heads, h * w, d)` |
# | 점수와 어텐션 | `(B, windows, num_heads, h * w, h * w)` |
# | 마스크 | `(windows, h * w, h * w)`: 윈도에 따라 다르고, 그림이나 헤드에 따라 다르지 않습니다 |
#
# **손으로 해 보는 작은 그림.** 위치가 4 x 4개이고 윈도가 2 x 2이므로 1만큼 이동합니다. 숫자는 위치의 번호입니다.
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
# - 1단계에서 첫 번째 윈도에는 0, 1, 4, 5가 들어 있습니다. 2단계에서는 그림의 한가운데인 5, 6, 9, 10이 들어 있습니다.
# - 2단계의 두 번째 윈도에는 7, 4, 11, 8이 들어 있습니다. 열이 넘어간 것은 4와 8뿐입니다. 그래서 7은 7과 11에, 4는 4와
#   8에 어텐션을 합니다.
# - 마지막 윈도에는 네 모서리인 15, 12, 3, 0이 들어 있습니다. 각자 자기 자신에게만 어텐션을 합니다.
#
# ![위치가 8 x 8개이고 윈도가 4 x 4인 그림을 roll했을 때 네 윈도의 마스크: 왼쪽 위는 모든 쌍, 오른쪽 위는 바둑판무늬,
# 왼쪽 아래는 두 덩어리, 오른쪽 아래는 둘을 합친 것](images/swin_masks.svg)
#
# **점수.** 30점입니다. 마스크만 없으면 20점, 이동만 없으면(1단계뿐이거나, 2단계에서 roll을 하지 않음) 10점, 결과를
# 되돌리지 않은 것뿐이면 10점, 마스크가 -100보다 커서 큰 점수가 새어 나가면 24점입니다.
#
# **규칙.** 여기서는 PyTorch의 어떤 함수도 금지하지 않습니다. 시간과 메모리는 채점하지 않고 결과가 맞는지만 봅니다.
# 채점기가 쓰는 그림은 작으며, 이 그림들에 {{ seconds }}초보다 오래 걸리는 답은 중단됩니다.
#
# <details><summary>힌트: 어디서부터 시작해야 하나요?</summary>
#
# 1단계만, 헤드 하나로, 위의 표처럼 값이 곧 위치의 번호인 그림으로 시작하세요. 윈도를 자르는 함수와 다시 합치는 함수를
# 하나씩 작성하고, 뒤의 것이 앞의 것을 되돌리는지 시험하세요. 그러면 2단계는 두 번의
# [`torch.roll`](https://docs.pytorch.org/docs/stable/generated/torch.roll.html) 사이에서 같은 어텐션을 한 번 더 하는
# 것입니다.
# </details>
#
# <details><summary>힌트: 반복문 없이 윈도를 어떻게 자르나요?</summary>
#
# `reshape`은 나란히 있는 차원을 나누거나 합칠 수만 있습니다. 행을 (윈도, h)로, 열을 (윈도, w)로 나누세요. 그러면 여섯
# 차원이 됩니다. `permute`로 같은 종류끼리 모은 다음 합치세요. 다시 붙일 때는 같은 길을 거꾸로 갑니다.
# </details>
#
# <details><summary>힌트: 윈도를 생각하지 않고 마스크를 어떻게 구하나요?</summary>
#
# roll한 그림의 각 위치에, 어느 좌표가 반대쪽으로 넘어갔는지를 나타내는 번호를 주세요(위 그림의 글자 a, b, c, d). *그*
# 그림을 이미 만들어 둔 함수로 윈도로 자릅니다. 두 위치의 번호가 같으면 서로에게 어텐션을 할 수 있습니다.
# </details>
#
# <details><summary>힌트: 홀수 크기의 윈도</summary>
#
# `-h // 2`는 `-(h // 2)`와 다릅니다. h = 3으로 둘 다 계산해 보세요.
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

# %% [markdown] lang="ko"
# ## 윈도 들여다보기 (주어짐, 점수 없음)
#
# 먼저, 위치 하나는 그림의 어떤 위치에 영향을 줄까요? 별표는 값을 바꾼 위치이고, 색은 그에 따라 바뀌는 곳입니다. *이런
# 결과가 나와야 합니다.* 1단계는 윈도 하나를 채우고, 2단계는 이를 윈도 절반만큼 더 넓힙니다. **그림의 반대쪽 끝까지 가는
# 일은 없습니다.** 모서리가 반대쪽 가장자리를 물들이면 마스크가 없는 것입니다.


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

# %% [markdown] lang="ko"
# 다음은 어텐션 자체입니다. 위치가 8 x 8개이고 윈도가 4 x 4인 그림에 대해 여러분의 코드가 계산하는 마지막 윈도 네 개를
# 보여 줍니다. *이런 결과가 나와야 합니다.* 위에 있는 마스크 그림과 같아야 합니다. 이 셀은 `softmax` 호출을 엿보므로,
# 지수 함수를 직접 썼다면 아무것도 보이지 않습니다.

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

# %% [markdown] lang="ko"
# ## 더 해 보기 (점수 없음)
#
# - 위치가 64 x 64개인 그림에서 어텐션의 곱셈 횟수를 세어 보세요. 전체를 한 번에 할 때와 4 x 4 윈도로 할 때를
#   비교합니다. 그다음 시간을 재어 보세요. 걸리는 시간이 횟수를 따라가나요?
# - 빠진 것을 더해 보세요. 논문의 잔차 연결, 정규화, 상대 위치 편향입니다. 그다음 Hugging Face의 `SwinModel`에서 층
#   하나를 여러분의 층으로 바꾸고, 같은 가중치를 넣어 출력을 비교해 보세요.
