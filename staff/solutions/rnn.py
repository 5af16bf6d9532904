# %% [markdown]
# # Homework 4-1. Text classification with a recurrent neural network
#
# You read a sentence word by word, and you remember what you have read. A recurrent neural network (RNN) does the same:
# it reads one word at a time, and a vector, its *state*, is all that it remembers. After the last word, the state has
# to say what the text was about. In this notebook you write such a network from scratch. Then you teach it to tell four
# kinds of news apart.
#
# | question | what you write | points | your time |
# |---|---|---|---|
# | 1a | `collate_batch`: texts become a tensor | 3 | 15 to 30 minutes |
# | 1b | the shapes of the parameters | 2 | 5 to 10 minutes |
# | 1c | `forward`: the network itself | 10 | 30 to 60 minutes |
# | 1d | `compute_loss`: the cross-entropy | 5 | 15 to 30 minutes |
# | 1e | `train` and `evaluate` | 5 | 20 to 40 minutes |
# | 1f | an experiment with a test accuracy above 70 % | 5 | 30 to 60 minutes, and training |
#
# **Due: {{ deadline }}.** {{ late }} The times are guesses. Training takes about 2 minutes: that is what our solution
# needed for 5 epochs on two CPU cores. A GPU helps little here, since the words come one after the other.
#
# **How it works**
#
# - The notebook runs from top to bottom before you have written anything. A cell whose question is not written yet says
#   so. On Colab, the first cell finds the folder of the homework on your Drive.
# - Write only between the banners `IMPLEMENT YOUR CODE`. You may add helper functions and cells.
# - Keep the names and the order of parameters of what is given: the grader calls it.
# - Think in whole tensors. The only loop that 1c needs is the one over the words. Code that is needlessly slow may not
#   be run to its end.
# - After each question stands a cell `check(...)`. It tries your answer on public cases, here, in a moment. The grader
#   uses more cases of the same kind. What is given (texts, checks, pictures) is not graded.
#
# **Before you hand in**
#
# - Name your collaborators and your references (web pages, too) in the last text of this notebook. Copied code without
#   its reference is a serious violation of the student code of conduct.
# - Erase prints and comments that nobody needs. **Do not clear the outputs:** 1f is marked by them.
# - Put the three notebooks of the homework into `{{ archive }}`, named with your student ID.
#
# {{ limits }}
#
# These cost points, too:
#
# | question | what |
# |---|---|
# | 1a, 1c, 1d | what is right but for a batch of one earns 80 % |
# | 1c | gradients have to reach every parameter (nothing is detached), or half of the points are lost |
# | 1e | a notebook that calls `update()` nowhere loses a point |
# | rules | 1c and 1d do not allow some layers and functions; they are listed there |
#
# **Read more.** [The Unreasonable Effectiveness of Recurrent Neural
# Networks](https://karpathy.github.io/2015/05/21/rnn-effectiveness/) is a pleasure.
# [Elman 1990](https://doi.org/10.1207/s15516709cog1402_1) is where it began.

# %% [markdown] lang="ko"
# # 과제 4-1. 순환 신경망으로 글 분류하기
#
# 우리는 문장을 한 단어씩 읽으면서 지금까지 읽은 것을 기억합니다. 순환 신경망(recurrent neural network, RNN)도 똑같이
# 합니다. 한 번에 한 단어를 읽고, 읽은 것은 모두 *상태*(state)라는 벡터 하나에 기억합니다. 마지막 단어를 읽고 나면 이
# 상태만으로 글의 주제를 맞혀야 합니다. 이 노트북에서는 이런 신경망을 처음부터 직접 구현하고, 네 종류의 뉴스를
# 구별하도록 학습시킵니다.
#
# | 문항 | 구현할 것 | 점수 | 예상 시간 |
# |---|---|---|---|
# | 1a | `collate_batch`: 글을 텐서로 만들기 | 3 | 15-30분 |
# | 1b | 파라미터의 shape | 2 | 5-10분 |
# | 1c | `forward`: 신경망 본체 | 10 | 30-60분 |
# | 1d | `compute_loss`: 교차 엔트로피 | 5 | 15-30분 |
# | 1e | `train`과 `evaluate` | 5 | 20-40분 |
# | 1f | 테스트 정확도 70 %를 넘기는 실험 | 5 | 30-60분과 학습 시간 |
#
# **마감: {{ deadline }}.** {{ late }} 예상 시간은 어림값입니다. 학습에는 약 2분이 걸립니다. 조교 풀이를 CPU 코어 두
# 개로 5 에포크(epoch) 동안 학습했을 때의 시간입니다. 단어를 하나씩 차례로 읽어야 하므로 GPU를 써도 크게 빨라지지
# 않습니다.
#
# **진행 방법**
#
# - 이 노트북은 아무것도 작성하지 않은 상태에서도 처음부터 끝까지 실행됩니다. 아직 작성하지 않은 문항의 셀은 그렇다고
#   알려 줍니다. Colab에서는 첫 번째 셀이 Drive에서 과제 폴더를 찾습니다.
# - `IMPLEMENT YOUR CODE` 표시 사이에만 코드를 작성하세요. 보조 함수나 셀을 추가해도 됩니다.
# - 미리 주어진 것의 이름과 매개변수 순서를 바꾸지 마세요. 채점기가 그대로 호출합니다.
# - 텐서 전체를 한 번에 다룬다고 생각하세요. 1c에 필요한 반복문은 단어를 도는 것 하나뿐입니다. 지나치게 느린 코드는
#   끝까지 실행되지 않을 수 있습니다.
# - 각 문항 뒤에는 `check(...)` 셀이 있습니다. 공개된 예제로 여러분의 답을 그 자리에서 바로 확인해 줍니다. 채점할 때는
#   같은 종류의 예제를 더 많이 씁니다. 미리 주어진 것(글, 확인용 셀, 그림)은 채점하지 않습니다.
#
# **제출하기 전에**
#
# - 함께한 사람과 참고한 자료(웹 페이지 포함)를 이 노트북의 마지막 텍스트 셀에 적으세요. 출처를 밝히지 않고 코드를
#   베끼는 것은 학생 윤리 규정을 심각하게 위반하는 일입니다.
# - 필요 없는 print 문과 주석은 지우세요. **출력은 지우지 마세요.** 1f는 출력을 보고 채점합니다.
# - 과제의 노트북 세 개를 `{{ archive }}`에 넣으세요. 파일 이름에는 자신의 학번을 씁니다.
#
# {{ limits }}
#
# 다음 경우에도 점수가 깎입니다.
#
# | 문항 | 내용 |
# |---|---|
# | 1a, 1c, 1d | 예제가 하나뿐인 배치에서만 틀리는 답은 점수의 80 %를 받습니다 |
# | 1c | 그래디언트(gradient)가 모든 파라미터에 도달해야 합니다(detach 금지). 그렇지 않으면 점수의 절반을 잃습니다 |
# | 1e | 노트북 어디에서도 `update()`를 호출하지 않으면 한 점을 잃습니다 |
# | 규칙 | 1c와 1d에는 쓸 수 없는 층과 함수가 있습니다. 해당 문항에 적혀 있습니다 |
#
# **더 읽을거리.** [The Unreasonable Effectiveness of Recurrent Neural
# Networks](https://karpathy.github.io/2015/05/21/rnn-effectiveness/)는 재미있게 읽을 수 있는 글입니다. [Elman
# 1990](https://doi.org/10.1207/s15516709cog1402_1)은 이 모든 것이 시작된 논문입니다.

# %%
import random

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, random_split
from torch.utils.tensorboard import SummaryWriter

import data

data.install_torchtext()  # torchtext is archived; where it does not load, a stand-in takes its place

from torchtext.data.functional import to_map_style_dataset
from torchtext.data.utils import get_tokenizer
from torchtext.datasets import AG_NEWS
from torchtext.vocab import build_vocab_from_iterator

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(0)
random.seed(0)

# %% [markdown]
# ## The data (given)
#
# Every row of [AG_NEWS](https://arxiv.org/abs/1509.01626) is a label from 1 to 4 (World, Sports, Business, Sci/Tech)
# and a text of about forty words.
#
# | name | does |
# |---|---|
# | `tokenizer(text)` | the list of words of a text |
# | `encoder(words)` | the list of their ids; `encoder[word]` is one id, `len(encoder)` the number of ids |
# | `text_pipeline(text)` | the list of the ids of a text |
# | `label_pipeline(label)` | the label from 0 to 3 |
#
# Id 0 stands for every unknown word (`<unk>`), and it is what fills up a text that is too short.

# %% [markdown] lang="ko"
# ## 데이터 (주어짐)
#
# [AG_NEWS](https://arxiv.org/abs/1509.01626)의 각 행은 1부터 4까지의 레이블(World, Sports, Business, Sci/Tech)과 단어
# 마흔 개 정도의 글로 이루어집니다.
#
# | 이름 | 하는 일 |
# |---|---|
# | `tokenizer(text)` | 글을 단어의 리스트로 나눕니다 |
# | `encoder(words)` | 단어들의 번호(id) 리스트. `encoder[word]`는 번호 하나, `len(encoder)`는 번호의 개수입니다 |
# | `text_pipeline(text)` | 글을 번호의 리스트로 바꿉니다 |
# | `label_pipeline(label)` | 레이블을 0부터 3까지의 수로 바꿉니다 |
#
# 번호 0은 모르는 단어(`<unk>`)를 모두 나타내며, 짧은 글의 빈자리를 채울 때에도 씁니다.

# %%
train_rows, test_rows = (to_map_style_dataset(rows) for rows in AG_NEWS())
print(f"{len(train_rows):,} texts to train with, {len(test_rows):,} to test with; the first one:")
print(train_rows[0])

# %%
tokenizer = get_tokenizer("basic_english")
encoder = build_vocab_from_iterator((tokenizer(text) for _, text in train_rows), specials=["<unk>"], min_freq=2)
encoder.set_default_index(encoder["<unk>"])


def text_pipeline(text):
    return encoder(tokenizer(text))


def label_pipeline(label):
    return int(label) - 1


print(f"{len(encoder):,} ids;", text_pipeline("here is an example"))

# %% [markdown]
# ## 1a. Batches [3 pts]
#
# Difficulty ●●○○○, importance ●●●○○, 15 to 30 minutes.
#
# A network reads many texts at once, and they have to fit into one tensor. But texts differ in length. So some are cut,
# and others are filled up.
#
# ![Three texts of two, three and seven words become the three columns of a tensor with four rows: the first two are
# filled up with zeros, the third loses its last three words](images/rnn_batch.svg)
#
# `collate_batch(batch)` turns a list of `(label, text)`, as the data set holds them, into
#
# | returned | shape | holds |
# |---|---|---|
# | `text` | `(T, B)`, `torch.long` | column `i` are the ids of the text of row `i` |
# | `labels` | `(B,)` | the labels from 0 to 3 |
# | `lengths` | `(B,)` | how many ids each text has |
#
# `B` is the number of rows, and their order stays. `T` is the **mean** of the numbers of ids in this batch, as a
# whole number (rounded up or down, as you like). Longer texts are cut to their first `T` ids, shorter ones are
# filled up with id 0 behind their end. The lengths may count the ids before or after cutting: choose what your
# `forward` of 1c works with.
#
# **A small example.** The three texts of the figure have 2, 3 and 7 ids. Then `T = 4`, `text` is `(4, 3)`, and its
# first column is `[oil, rises, 0, 0]`. The lengths are `[2, 3, 7]`, or `[2, 3, 4]` if you count after cutting.
#
# <details><summary>Hint: where do I begin?</summary>
#
# First make the list of ids of each text, with `text_pipeline`. Now you know the lengths, and so you know `T`. Then
# begin with [`torch.zeros`](https://docs.pytorch.org/docs/stable/generated/torch.zeros.html) of shape `(T, B)` and
# write each text into its column: `text[:n, i] = ...`.
# </details>
#
# <details><summary>Hint: what is a collate function?</summary>
#
# A `DataLoader` picks rows of the data set, and calls `collate_fn` with the list of them. What comes back is the batch
# that your training loop sees. See
# [its documentation](https://docs.pytorch.org/docs/stable/data.html#working-with-collate-fn).
# </details>

# %% [markdown] lang="ko"
# ## 1a. 배치 [3점]
#
# 난이도 ●●○○○, 중요도 ●●●○○, 15-30분.
#
# 신경망은 글 여러 개를 한 번에 읽으므로, 이 글들을 텐서 하나에 담아야 합니다. 그런데 글마다 길이가 다릅니다. 그래서 긴
# 글은 자르고, 짧은 글은 빈자리를 채웁니다(패딩, padding).
#
# ![단어가 두 개, 세 개, 일곱 개인 글 세 편이 행이 네 개인 텐서의 세 열이 된다. 앞의 두 글은 영으로 채우고, 셋째 글은
# 마지막 세 단어를 잃는다](images/rnn_batch.svg)
#
# `collate_batch(batch)`는 데이터셋에 들어 있는 그대로의 `(label, text)` 리스트를 받아 다음을 반환합니다.
#
# | 반환값 | shape | 내용 |
# |---|---|---|
# | `text` | `(T, B)`, `torch.long` | 열 `i`는 행 `i`에 있는 글의 번호들입니다 |
# | `labels` | `(B,)` | 0부터 3까지의 레이블 |
# | `lengths` | `(B,)` | 각 글의 번호 개수 |
#
# `B`는 행의 수이고, 행의 순서는 바뀌지 않습니다. `T`는 이 배치에 있는 글들의 번호 개수의 **평균**을 정수로 만든
# 값입니다(올림과 내림 어느 쪽이든 됩니다). 더 긴 글은 앞에서부터 번호 `T`개만 남기고 자르고, 더 짧은 글은 끝 뒤를 번호
# 0으로 채웁니다. 길이는 자르기 전을 기준으로 세어도 되고 자른 뒤를 기준으로 세어도 됩니다. 1c에서 작성할 `forward`에
# 맞는 쪽을 고르세요.
#
# **작은 예.** 그림의 세 글에는 번호가 각각 2, 3, 7개 있습니다. 따라서 `T = 4`이고, `text`는 `(4, 3)`이며 첫 번째 열은
# `[oil, rises, 0, 0]`입니다. 길이는 `[2, 3, 7]`이고, 자른 뒤에 세면 `[2, 3, 4]`입니다.
#
# <details><summary>힌트: 어디서부터 시작해야 하나요?</summary>
#
# 먼저 `text_pipeline`으로 글마다 번호의 리스트를 만드세요. 그러면 길이를 알 수 있고, `T`도 알 수 있습니다. 그다음
# shape이 `(T, B)`인 [`torch.zeros`](https://docs.pytorch.org/docs/stable/generated/torch.zeros.html)에서 시작하여 글을
# 하나씩 자기 열에 써넣으세요: `text[:n, i] = ...`.
# </details>
#
# <details><summary>힌트: collate 함수가 무엇인가요?</summary>
#
# `DataLoader`는 데이터셋에서 행을 몇 개 골라, 그 리스트로 `collate_fn`을 호출합니다. 그 반환값이 바로 학습 반복문이
# 받는 배치입니다. [공식 문서](https://docs.pytorch.org/docs/stable/data.html#working-with-collate-fn)를 참고하세요.
# </details>


# %%
def collate_batch(batch):
    """[(label, text)] -> text (T, B), labels (B,), lengths (B,), all on DEVICE"""
    ##### IMPLEMENT YOUR CODE #####
    ### BEGIN SOLUTION
    texts = [text_pipeline(text) for _, text in batch]
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    T = max(1, sum(map(len, texts)) // len(texts))
    lengths = torch.tensor([min(len(ids), T) for ids in texts])
    text = torch.zeros(T, len(batch), dtype=torch.long)
    for column, ids in enumerate(texts):
        text[: lengths[column], column] = torch.tensor(ids[:T], dtype=torch.long)
    ### END SOLUTION
    ###############################
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)


# %%
check("1a")

# %% [markdown]
# ## 1b to 1d. The model
#
# One step of the network reads the embedding $x_t$ of one word, and its own state of the step before:
#
# $$h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})$$
#
# The state after the last word of a text says which class the text belongs to:
#
# $$p = \mathrm{softmax}(W_{ho} h_{last} + b_{ho})$$
#
# ![A recurrent network over a text of four words that is filled up to six: the class comes from the state after the
# fourth word](images/rnn_unrolled.svg)
#
# | name | shape | what it is |
# |---|---|---|
# | `inputs` | `(T, B)` | ids, one column for each text |
# | `length` | `(B,)` | how many ids each text has |
# | $x_t$ | `(B, input_size)` | the embeddings of the words of step $t$ |
# | $h_t$ | `(B, hidden_size)` | the states after step $t$ |
# | $p$ | `(B, num_class)` | probabilities of the classes |
#
# **Three steps by hand.** One text of three words, everything of size one: $x = (1, 2, -1)$, $W_{ih} = \tfrac12$,
# $W_{hh} = 1$, biases 0, and $h_0 = 0$.
#
# | step | | state |
# |---|---|---|
# | 1 | $\tanh(\tfrac12 \cdot 1 + 0)$ | 0.4621 |
# | 2 | $\tanh(\tfrac12 \cdot 2 + 0.4621)$ | 0.8981 |
# | 3 | $\tanh(\tfrac12 \cdot (-1) + 0.8981)$ | 0.3783 |
#
# A text of two words in the same batch would be classified by its second state, whatever stands behind it.
#
# ### 1b. Shapes [2 pts]
#
# Difficulty ●○○○○, importance ●●●●○, 5 to 10 minutes.
#
# Write the shapes of the six parameters in `__init__`. Store each weight as it is in the
# equations, `(out, in)`, or transposed, `(in, out)`, and a bias as `(n,)`, `(n, 1)` or `(1, n)`, as your
# `forward` needs it.
#
# ### 1c. Forward [10 pts]
#
# Difficulty ●●●○○, importance ●●●●●, 30 to 60 minutes.
#
# Write `forward(inputs, length)`: `(T, B)`, `(B,)` -> probabilities of the classes
# `(B, num_class)`.
#
# - $h_0$ is random.
# - A short text ends before step `T`: take the state after **its own last word**, not the one after the filling.
#   A text may be longer than `T`, and in some batches every text is shorter.
# - Return probabilities: every row is at least 0 and adds up to 1.
# - **Rule:** no predefined layer but `nn.Embedding` (not `nn.Linear`, and not `nn.RNN`, `nn.LSTM`, `nn.GRU`, nor their
#   cells or functions such as `torch.rnn_tanh`). Activations such as `nn.Tanh`, `nn.Softmax` and `torch.tanh`,
#   `nn.Dropout`, and products with your own parameters (`@`, `F.linear`, `torch.einsum`) are allowed.
#
# <details><summary>Hint: how do I pick a state for each text?</summary>
#
# Keep the states of all steps, and [stack](https://docs.pytorch.org/docs/stable/generated/torch.stack.html) them:
# `(T, B, hidden_size)`. Two tensors of whole numbers, `(B,)` each, pick one state for each text in one line:
# `states[rows, columns]`. See
# [indexing](https://numpy.org/doc/stable/user/basics.indexing.html#integer-array-indexing).
# </details>
#
# <details><summary>Hint: the check says that gradients are missing</summary>
#
# Does a `.detach()`, `.data`, `.item()` or `torch.tensor(...)` stand between the parameters and what you return? Is
# each of the six parameters used?
# </details>
#
# ### 1d. Loss [5 pts]
#
# Difficulty ●●○○○, importance ●●●●○, 15 to 30 minutes.
#
# Write `compute_loss(prediction, label)`: probabilities `(B, num_class)` and labels `(B,)` -> the
# **mean** cross-entropy (a tensor, 3 pts) and the **number** of right predictions (an `int` or a tensor of one whole
# number, 2 pts).
#
# - The predictions are probabilities already, what `forward` returned.
# - **Rule:** no loss of `torch.nn` or `torch.nn.functional` (`nn.CrossEntropyLoss`, `F.nll_loss`, ...).
#
# **A small example.** Two texts, with the probabilities $(0.7, 0.1, 0.1, 0.1)$ and $(0.5, 0.2, 0.2, 0.1)$, and the
# labels 0 and 1. The loss is $-\tfrac12 (\ln 0.7 + \ln 0.2) = 0.9831$, and one prediction is right.
#
# <details><summary>Hint: which loss should a network have that knows nothing?</summary>
#
# It gives $\tfrac14$ to each class, so the loss is $\ln 4 = 1.386$. If the first loss that you see is far from that,
# look here first.
# </details>

# %% [markdown] lang="ko"
# ## 1b-1d. 모델
#
# 신경망의 한 단계(step)는 단어 하나의 임베딩(embedding) $x_t$와 바로 앞 단계의 자기 상태를 읽습니다.
#
# $$h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})$$
#
# 이 상태를 흔히 은닉 상태(hidden state)라고 부릅니다. 글의 마지막 단어를 읽은 뒤의 상태가 그 글이 어느 클래스에
# 속하는지 말해 줍니다.
#
# $$p = \mathrm{softmax}(W_{ho} h_{last} + b_{ho})$$
#
# ![단어가 네 개인 글을 여섯 개까지 채워서 읽는 순환 신경망. 클래스는 네 번째 단어 뒤의 상태에서
# 나온다](images/rnn_unrolled.svg)
#
# | 이름 | shape | 뜻 |
# |---|---|---|
# | `inputs` | `(T, B)` | 번호. 글마다 열이 하나입니다 |
# | `length` | `(B,)` | 각 글의 번호 개수 |
# | $x_t$ | `(B, input_size)` | 단계 $t$의 단어들의 임베딩 |
# | $h_t$ | `(B, hidden_size)` | 단계 $t$ 뒤의 상태 |
# | $p$ | `(B, num_class)` | 각 클래스의 확률 |
#
# **손으로 계산해 보는 세 단계.** 단어가 세 개인 글이 하나 있고, 임베딩과 상태는 모두 수 하나라고 합시다.
# $x = (1, 2, -1)$, $W_{ih} = \tfrac12$, $W_{hh} = 1$, 편향(bias)은 0, $h_0 = 0$입니다.
#
# | 단계 | | 상태 |
# |---|---|---|
# | 1 | $\tanh(\tfrac12 \cdot 1 + 0)$ | 0.4621 |
# | 2 | $\tanh(\tfrac12 \cdot 2 + 0.4621)$ | 0.8981 |
# | 3 | $\tanh(\tfrac12 \cdot (-1) + 0.8981)$ | 0.3783 |
#
# 같은 배치에 단어가 두 개인 글이 있다면, 그 뒤에 무엇이 채워져 있든 두 번째 상태로 분류해야 합니다.
#
# ### 1b. 파라미터의 shape [2점]
#
# 난이도 ●○○○○, 중요도 ●●●●○, 5-10분.
#
# `__init__`에 파라미터 여섯 개의 shape을 쓰세요. 가중치는 식에 나온 그대로 `(out, in)`으로 두어도 되고, 전치하여
# `(in, out)`으로 두어도 됩니다. 편향은 `(n,)`, `(n, 1)`, `(1, n)` 가운데 여러분의 `forward`에 맞는 것을 고르세요.
#
# ### 1c. 순전파 [10점]
#
# 난이도 ●●●○○, 중요도 ●●●●●, 30-60분.
#
# `forward(inputs, length)`를 작성하세요: `(T, B)`, `(B,)` -> 클래스의 확률 `(B, num_class)`.
#
# - $h_0$은 무작위 값으로 둡니다.
# - 짧은 글은 단계 `T`가 되기 전에 끝납니다. 채운 자리 뒤의 상태가 아니라 그 글 **자신의 마지막 단어** 뒤의 상태를
#   쓰세요. 글이 `T`보다 길 수도 있고, 모든 글이 더 짧은 배치도 있습니다.
# - 확률을 반환하세요. 각 행의 값은 0 이상이고, 모두 더하면 1입니다.
# - **규칙:** 미리 만들어진 층은 `nn.Embedding`만 쓸 수 있습니다(`nn.Linear`는 안 되고, `nn.RNN`, `nn.LSTM`, `nn.GRU`와
#   그 셀(cell), 그리고 `torch.rnn_tanh` 같은 함수도 안 됩니다). `nn.Tanh`, `nn.Softmax`, `torch.tanh` 같은 활성화
#   함수와 `nn.Dropout`, 자신의 파라미터를 곱하는 연산(`@`, `F.linear`, `torch.einsum`)은 써도 됩니다.
#
# <details><summary>힌트: 글마다 상태를 어떻게 골라내나요?</summary>
#
# 모든 단계의 상태를 모아 두었다가 [쌓으세요(stack)](https://docs.pytorch.org/docs/stable/generated/torch.stack.html):
# `(T, B, hidden_size)`. shape이 `(B,)`인 정수 텐서 두 개가 있으면 글마다 상태를 하나씩 한 줄로 골라낼 수 있습니다:
# `states[rows, columns]`. [인덱싱](https://numpy.org/doc/stable/user/basics.indexing.html#integer-array-indexing)을
# 참고하세요.
# </details>
#
# <details><summary>힌트: 확인용 셀이 그래디언트가 없다고 합니다</summary>
#
# 파라미터와 반환값 사이에 `.detach()`, `.data`, `.item()`이나 `torch.tensor(...)`가 끼어 있지 않나요? 파라미터 여섯
# 개를 모두 쓰고 있나요?
# </details>
#
# ### 1d. 손실 [5점]
#
# 난이도 ●●○○○, 중요도 ●●●●○, 15-30분.
#
# `compute_loss(prediction, label)`을 작성하세요: 확률 `(B, num_class)`와 레이블 `(B,)` -> 교차
# 엔트로피(cross-entropy)의 **평균**(텐서, 3점)과 맞힌 예측의 **개수**(`int` 또는 정수 하나가 든 텐서, 2점).
#
# - 예측은 이미 확률입니다. `forward`가 반환한 그 값입니다.
# - **규칙:** `torch.nn`이나 `torch.nn.functional`의 손실 함수는 쓸 수 없습니다(`nn.CrossEntropyLoss`, `F.nll_loss` 등).
#
# **작은 예.** 글이 두 편 있고, 확률은 $(0.7, 0.1, 0.1, 0.1)$과 $(0.5, 0.2, 0.2, 0.1)$, 레이블은 0과 1입니다. 손실은
# $-\tfrac12 (\ln 0.7 + \ln 0.2) = 0.9831$이고, 맞힌 예측은 하나입니다.
#
# <details><summary>힌트: 아무것도 모르는 신경망의 손실은 얼마여야 하나요?</summary>
#
# 각 클래스에 $\tfrac14$씩 주므로 손실은 $\ln 4 = 1.386$입니다. 처음 본 손실이 이 값에서 크게 벗어나면 여기부터
# 살펴보세요.
# </details>


# %%
def init_parameters(model):
    """Small random weights, biases of zero."""
    for parameter in model.parameters():
        if parameter.dim() > 1 and 1 not in parameter.shape:
            nn.init.xavier_uniform_(parameter)
        else:
            nn.init.zeros_(parameter)


# %%
class RNN(nn.Module):
    """A recurrent network that classifies texts.

    Args:
        vocab_size: number of ids.
        input_size: size of the embedding of a word.
        hidden_size: size of the state.
        num_class: number of classes.
    """

    def __init__(self, vocab_size, input_size, hidden_size, num_class):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_class = num_class
        self.embedding = nn.Embedding(vocab_size, input_size)
        ##### IMPLEMENT YOUR CODE (1b): one shape for each parameter #####
        ### BEGIN SOLUTION
        shape_weight_ih = (input_size, hidden_size)
        shape_bias_ih = (hidden_size,)
        shape_weight_hh = (hidden_size, hidden_size)
        shape_bias_hh = (hidden_size,)
        shape_weight_ho = (hidden_size, num_class)
        shape_bias_ho = (num_class,)
        ### END SOLUTION
        ###############################
        self.weight_ih = nn.Parameter(torch.empty(shape_weight_ih))  # from the input to the state
        self.bias_ih = nn.Parameter(torch.empty(shape_bias_ih))
        self.weight_hh = nn.Parameter(torch.empty(shape_weight_hh))  # from the former state to the state
        self.bias_hh = nn.Parameter(torch.empty(shape_bias_hh))
        self.weight_ho = nn.Parameter(torch.empty(shape_weight_ho))  # from the state to the output
        self.bias_ho = nn.Parameter(torch.empty(shape_bias_ho))
        init_parameters(self)

    def forward(self, inputs, length):
        """Ids (T, B) and lengths (B,) -> probabilities (B, num_class)"""
        ##### IMPLEMENT YOUR CODE (1c) #####
        ### BEGIN SOLUTION
        T, B = inputs.shape
        hidden = torch.randn(B, self.hidden_size, device=inputs.device)
        states = []
        for x in self.embedding(inputs):  # (B, input_size)
            from_input = x @ self.weight_ih + self.bias_ih
            hidden = torch.tanh(from_input + hidden @ self.weight_hh + self.bias_hh)
            states.append(hidden)
        last = length.clamp(max=T) - 1
        final = torch.stack(states)[last, torch.arange(B, device=inputs.device)]  # (B, hidden_size)
        return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)
        ### END SOLUTION
        ###############################

    def compute_loss(self, prediction, label):
        """Probabilities (B, num_class) and labels (B,) -> mean cross-entropy, number of right predictions"""
        ##### IMPLEMENT YOUR CODE (1d) #####
        ### BEGIN SOLUTION
        of_label = prediction[torch.arange(len(label), device=label.device), label]
        loss = -torch.log(of_label.clamp_min(1e-12)).mean()
        correct = (prediction.argmax(dim=1) == label).sum()
        return loss, correct
        ### END SOLUTION
        ###############################


# %% [markdown]
# The next cell says whether the shapes fit together. It does not look at the values. You should see `(T, 5)`, `(5, 4)`,
# and a loss near $\ln 4 = 1.386$.

# %% [markdown] lang="ko"
# 다음 셀은 shape이 서로 맞는지 알려 줍니다. 값은 보지 않습니다. `(T, 5)`, `(5, 4)`, 그리고 $\ln 4 = 1.386$에 가까운
# 손실이 나와야 합니다.

# %%
try:
    text, labels, lengths = collate_batch([train_rows[i] for i in range(5)])
    print("collate_batch:", tuple(text.shape), text.dtype, tuple(labels.shape), tuple(lengths.shape))
    small = RNN(len(encoder), 6, 7, 4).to(DEVICE)
    prediction = small(text, lengths)
    print("forward:", tuple(prediction.shape))
    loss, correct = small.compute_loss(prediction, labels)
    print(f"compute_loss: {loss.item():.3f}, {int(correct)} right")
except NotImplementedError as error:
    print(error)

# %%
check("1b")

# %%
check("1c")

# %%
check("1d")

# %% [markdown]
# ## 1e. Training and evaluation [5 pts]
#
# Difficulty ●●○○○, importance ●●●●●, 20 to 40 minutes.
#
# `ScheduledOptim` (given) wraps an optimizer and its learning rate: the rate grows during the first `n_warmup_steps`
# calls of `update()` and shrinks by the factor `decay_rate` at every call after that. In the two functions below you
# need `zero_grad()` and `step()`. Call `update()` once for each epoch, in `train` or in your training loop.
#
# Every batch of a loader is what `collate_batch` returns. The last one has fewer rows than the others.
#
# **`train(model, loader, scheduler)`** [3 pts] trains for one epoch. **`evaluate(model, loader)`** [2 pts] trains
# nothing, and neither drops anything out nor keeps track of gradients. Both return the mean loss **over the rows** and
# the accuracy in percent, as two numbers.
#
# **A small example.** Two batches, of 4 and of 2 rows, with the mean losses 1.0 and 0.4. The mean over the rows is
# $(4 \cdot 1.0 + 2 \cdot 0.4) / 6 = 0.8$; the mean of the two numbers, 0.7, would be wrong.
#
# <details><summary>Hint: what happens to one batch?</summary>
#
# Forget the old gradients, go forward, find the loss, go backward, make a step. `evaluate` leaves out three of these.
# </details>
#
# <details><summary>Hint: two modes, and one switch for gradients</summary>
#
# [`model.train()` and
# `model.eval()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval) switch
# dropout on and off. [`torch.no_grad()`](https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html) is
# something else.
# </details>

# %% [markdown] lang="ko"
# ## 1e. 학습과 평가 [5점]
#
# 난이도 ●●○○○, 중요도 ●●●●●, 20-40분.
#
# 미리 주어진 `ScheduledOptim`은 옵티마이저(optimizer)와 그 학습률(learning rate)을 감쌉니다. 학습률은 `update()`를 처음
# `n_warmup_steps`번 호출하는 동안 커지고, 그 뒤로는 호출할 때마다 `decay_rate`가 곱해져 작아집니다. 아래의 두 함수에는
# `zero_grad()`와 `step()`이 필요합니다. `update()`는 `train` 안에서든 학습 반복문에서든 에포크마다 한 번 호출하세요.
#
# 로더(loader)의 각 배치는 `collate_batch`가 반환한 것입니다. 마지막 배치는 다른 배치보다 행이 적습니다.
#
# **`train(model, loader, scheduler)`** [3점]은 한 에포크 동안 학습합니다. **`evaluate(model, loader)`** [2점]은
# 아무것도 학습하지 않고, 드롭아웃(dropout)도 하지 않으며, 그래디언트를 위한 기록도 남기지 않습니다. 둘 다 **행에 대한**
# 평균 손실과 퍼센트로 나타낸 정확도를 수 두 개로 반환합니다.
#
# **작은 예.** 행이 4개와 2개인 배치가 있고, 평균 손실이 각각 1.0과 0.4입니다. 행에 대한 평균은
# $(4 \cdot 1.0 + 2 \cdot 0.4) / 6 = 0.8$입니다. 두 수를 그냥 평균한 0.7은 틀린 값입니다.
#
# <details><summary>힌트: 배치 하나로 무엇을 하나요?</summary>
#
# 이전 그래디언트를 지우고, 순전파를 하고, 손실을 구하고, 역전파를 하고, 한 단계 갱신합니다. `evaluate`에서는 이 가운데
# 세 가지를 하지 않습니다.
# </details>
#
# <details><summary>힌트: 두 가지 모드와, 그래디언트를 끄는 스위치</summary>
#
# [`model.train()`과
# `model.eval()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval)은 드롭아웃을
# 켜고 끕니다. [`torch.no_grad()`](https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html)는 이와 다른
# 것입니다.
# </details>


# %%
class ScheduledOptim:
    """An optimizer whose learning rate warms up, then decays.

    Args:
        optimizer: an optimizer of torch.optim; its learning rate is the highest one.
        n_warmup_steps: how many calls of update() raise the rate to the highest one.
        decay_rate: by what every later call of update() multiplies it.
    """

    def __init__(self, optimizer, n_warmup_steps, decay_rate):
        self.optimizer = optimizer
        self.n_warmup_steps = n_warmup_steps
        self.decay_rate = decay_rate
        self.highest = optimizer.param_groups[0]["lr"]
        self.n_steps = 0
        self.update()

    def zero_grad(self):
        self.optimizer.zero_grad()

    def step(self):
        self.optimizer.step()

    def get_lr(self):
        return self.optimizer.param_groups[0]["lr"]

    def update(self):
        self.n_steps += 1
        warmup = min(1, self.n_steps / max(1, self.n_warmup_steps))
        decay = self.decay_rate ** max(0, self.n_steps - max(1, self.n_warmup_steps))
        for group in self.optimizer.param_groups:
            group["lr"] = self.highest * warmup * decay


# %%
def train(model, loader, scheduler):
    """Trains for one epoch -> mean loss, accuracy in percent"""
    ##### IMPLEMENT YOUR CODE #####
    ### BEGIN SOLUTION
    model.train()
    total_loss, total_correct, total = 0.0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.item() * len(labels)
        total_correct += int(correct)
        total += len(labels)
    return total_loss / total, 100 * total_correct / total
    ### END SOLUTION
    ###############################


def evaluate(model, loader):
    """Trains nothing -> mean loss, accuracy in percent"""
    ##### IMPLEMENT YOUR CODE #####
    ### BEGIN SOLUTION
    model.eval()
    total_loss, total_correct, total = 0.0, 0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            loss, correct = model.compute_loss(model(text, lengths), labels)
            total_loss += loss.item() * len(labels)
            total_correct += int(correct)
            total += len(labels)
    return total_loss / total, 100 * total_correct / total
    ### END SOLUTION
    ###############################


# %%
check("1e")

# %% [markdown]
# ### Before the long run: overfit one batch (no points)
#
# A model and a training that work can learn a few texts by heart. If they cannot, they will not learn 60,000 either. So
# [try this first](https://karpathy.github.io/2019/04/25/recipe/): it takes seconds. The cross-entropy should begin
# near 1.4, and end below 0.1.

# %% [markdown] lang="ko"
# ### 오래 학습하기 전에: 배치 하나에 과적합시키기 (점수 없음)
#
# 모델과 학습 코드가 제대로 되어 있다면 글 몇 편쯤은 통째로 외울 수 있습니다. 그것도 못 하면 60,000편도 배우지 못합니다.
# 그러니 [이것부터 해 보세요](https://karpathy.github.io/2019/04/25/recipe/). 몇 초면 됩니다. 교차 엔트로피가 1.4
# 근처에서 시작하여 0.1 아래로 내려가야 합니다.


# %%
def overfit_one_batch(epochs=40):
    """Trains a small network with your `train`, on the same 32 texts again and again."""
    rows = [train_rows[i] for i in range(32)]
    with torch.random.fork_rng():  # the random numbers of your own training stay as they are
        torch.manual_seed(0)
        network = RNN(len(encoder), input_size=32, hidden_size=32, num_class=4).to(DEVICE)
        steady = ScheduledOptim(torch.optim.Adam(network.parameters(), lr=0.01), n_warmup_steps=1, decay_rate=1.0)
        for epoch in range(1, epochs + 1):
            mean, _ = train(network, [collate_batch(rows)], steady)
            if epoch == 1 or epoch % 10 == 0:
                print(f"after {epoch:2} times: cross-entropy {mean:.3f}")


try:
    overfit_one_batch()
except NotImplementedError as error:
    print(error)

# %% [markdown]
# ## 1f. Experiments [5 pts]
#
# Difficulty ●●○○○, importance ●●●●○, 30 to 60 minutes, and training: about 2 minutes on two CPU cores for 5 epochs.
#
# Train your model. Try sizes, optimizers, learning rates and schedules, and keep what is best.
#
# - Call the trained model `model`. Then the cells below can show what it has learnt.
# - Log loss and accuracy of training and of validation to TensorBoard after every epoch: `writer.add_scalar(...)`. To
#   look at them, run `%load_ext tensorboard` and `%tensorboard --logdir runs/rnn` in a cell of your own
#   ([how it works](https://docs.pytorch.org/tutorials/recipes/recipes/tensorboard_with_pytorch.html)).
# - Print the accuracy on the **test** set at the end, in a line such as `Test accuracy: 71.23 %`. It has to be above
#   70 %. What counts is what stands in the saved output of this notebook.
#
# *What you should see:* most of what can be learnt comes in the first three epochs. Our solution ended at 88.78 %.
# Later the training accuracy goes on to rise while the validation accuracy does not: the network learns its texts by
# heart.
#
# <details><summary>Hint: the loss does not move</summary>
#
# Print the learning rate of each epoch. Is `update()` called once for each epoch, or once for each batch?
# </details>
#
# <details><summary>Hint: the loss jumps, or becomes nan</summary>
#
# Take a learning rate that is three times smaller, or clip the gradients
# ([`clip_grad_norm_`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html)). A logarithm
# of 0 is minus infinity: is there a probability of exactly 0 in your loss?
# </details>

# %% [markdown] lang="ko"
# ## 1f. 실험 [5점]
#
# 난이도 ●●○○○, 중요도 ●●●●○, 30-60분과 학습 시간: CPU 코어 두 개로 5 에포크에 약 2분.
#
# 모델을 학습시키세요. 크기, 옵티마이저, 학습률과 스케줄을 바꾸어 보고 가장 좋은 것을 남기세요.
#
# - 학습한 모델의 이름은 `model`로 하세요. 그래야 아래의 셀들이 모델이 무엇을 배웠는지 보여 줄 수 있습니다.
# - 에포크가 끝날 때마다 학습과 검증의 손실과 정확도를 TensorBoard에 기록하세요: `writer.add_scalar(...)`. 기록을 보려면
#   셀을 하나 추가하여 `%load_ext tensorboard`와 `%tensorboard --logdir runs/rnn`을 실행하세요
#   ([사용법](https://docs.pytorch.org/tutorials/recipes/recipes/tensorboard_with_pytorch.html)).
# - 마지막에 **테스트** 데이터의 정확도를 `Test accuracy: 71.23 %` 같은 한 줄로 출력하세요. 70 %를 넘어야 합니다. 이
#   노트북에 저장된 출력에 적힌 값으로 채점합니다.
#
# *이런 결과가 나와야 합니다.* 배울 수 있는 것의 대부분은 처음 세 에포크에 배웁니다. 조교 풀이는 88.78 %로 끝났습니다.
# 그 뒤로는 학습 정확도는 계속 오르지만 검증 정확도는 오르지 않습니다. 신경망이 글을 외우고 있는 것입니다.
#
# <details><summary>힌트: 손실이 움직이지 않습니다</summary>
#
# 에포크마다 학습률을 출력해 보세요. `update()`를 에포크마다 한 번 호출하나요, 아니면 배치마다 한 번 호출하나요?
# </details>
#
# <details><summary>힌트: 손실이 널뛰거나 nan이 됩니다</summary>
#
# 학습률을 삼분의 일로 줄이거나 그래디언트를 클리핑(clipping)하세요
# ([`clip_grad_norm_`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html)). 0의 로그는
# 음의 무한대입니다. 손실 계산에 정확히 0인 확률이 들어가지 않나요?
# </details>

# %%
BATCH_SIZE = 64
n_valid = len(train_rows) // 20
split = random_split(train_rows, [len(train_rows) - n_valid, n_valid], torch.Generator().manual_seed(0))
train_loader = DataLoader(split[0], batch_size=BATCH_SIZE, shuffle=True, collate_fn=collate_batch)
valid_loader = DataLoader(split[1], batch_size=BATCH_SIZE, collate_fn=collate_batch)
test_loader = DataLoader(test_rows, batch_size=BATCH_SIZE, collate_fn=collate_batch)

# %%
##### IMPLEMENT YOUR CODE #####
### BEGIN SOLUTION
EPOCHS = 5
model = RNN(len(encoder), input_size=64, hidden_size=128, num_class=4).to(DEVICE)
scheduler = ScheduledOptim(torch.optim.Adam(model.parameters(), lr=2e-3), n_warmup_steps=2, decay_rate=0.6)
writer = SummaryWriter("runs/rnn")
history = []
for epoch in range(1, EPOCHS + 1):
    rate = scheduler.get_lr()
    train_loss, train_accuracy = train(model, train_loader, scheduler)
    valid_loss, valid_accuracy = evaluate(model, valid_loader)
    scheduler.update()
    writer.add_scalar("loss/train", train_loss, epoch)
    writer.add_scalar("loss/valid", valid_loss, epoch)
    writer.add_scalar("accuracy/train", train_accuracy, epoch)
    writer.add_scalar("accuracy/valid", valid_accuracy, epoch)
    writer.add_scalar("learning rate", rate, epoch)
    history.append((train_accuracy, valid_accuracy))
    print(
        f"epoch {epoch}: learning rate {rate:.5f}, training loss {train_loss:.3f} accuracy {train_accuracy:.2f} %, "
        f"validation loss {valid_loss:.3f} accuracy {valid_accuracy:.2f} %"
    )
writer.close()
plt.plot(range(1, EPOCHS + 1), history, label=["training", "validation"])
plt.xlabel("epoch")
plt.ylabel("accuracy in percent")
plt.legend()
plt.show()
test_loss, test_accuracy = evaluate(model, test_loader)
print(f"Test accuracy: {test_accuracy:.2f} %")
### END SOLUTION
###############################

# %%
check("1f")

# %% [markdown]
# ## What was learnt (given, no points)
#
# The cells below look at your `model`. First, which classes does it take for each other?

# %% [markdown] lang="ko"
# ## 무엇을 배웠을까 (주어짐, 점수 없음)
#
# 아래의 셀들은 여러분의 `model`을 살펴봅니다. 먼저, 모델은 어떤 클래스들을 서로 혼동할까요?

# %%
CLASSES = ["World", "Sports", "Business", "Sci/Tech"]


@torch.no_grad()
def class_probabilities(network, rows, at_once=256):
    """The probabilities (rows, 4) that a network gives to the classes of texts."""
    network.eval()
    batches = (collate_batch(rows[start : start + at_once]) for start in range(0, len(rows), at_once))
    return torch.cat([network(text, lengths).cpu() for text, _, lengths in batches])


def show_confusion(network, rows):
    """A table of how many texts of each class were taken for which."""
    guesses = class_probabilities(network, rows).argmax(dim=1)
    counts = torch.zeros(4, 4, dtype=torch.long)
    for (label, _), guess in zip(rows, guesses, strict=True):
        counts[label_pipeline(label), guess] += 1
    _, axes = plt.subplots(figsize=(4.6, 4), layout="constrained")
    axes.imshow(counts / counts.sum(dim=1, keepdim=True).clamp_min(1), cmap="Blues", vmin=0, vmax=1)
    for row in range(4):
        for column in range(4):
            axes.text(
                column, row, f"{counts[row, column]:,}", ha="center", va="center", color="0.1" if row != column else "w"
            )
    axes.set(xticks=range(4), yticks=range(4), xticklabels=CLASSES, yticklabels=CLASSES)
    axes.set(xlabel="what the network says", ylabel="what it is")
    plt.show()


some_rows = [test_rows[i] for i in range(min(2000, len(test_rows)))]
if "model" in globals():
    show_confusion(model, some_rows)
else:
    print("1f is not written yet: there is no `model`")

# %% [markdown]
# Now its worst mistakes: where it was surest, and wrong. Read them. Would you have known? Some labels are wrong
# themselves.

# %% [markdown] lang="ko"
# 이번에는 가장 심하게 틀린 글들입니다. 모델이 가장 확신하면서 틀린 것들이지요. 직접 읽어 보세요. 여러분이라면
# 맞혔을까요? 레이블 자체가 틀린 것도 있습니다.


# %%
def show_worst_mistakes(network, rows, number=8):
    """The texts to whose right class a network gives the smallest probabilities."""
    from html import escape

    from IPython.display import HTML, display

    probabilities = class_probabilities(network, rows)
    labels = torch.tensor([label_pipeline(label) for label, _ in rows])
    worst = probabilities[torch.arange(len(rows)), labels].argsort()[:number].tolist()
    lines = "".join(
        f"<tr><td>{CLASSES[labels[i]]}</td><td>{CLASSES[probabilities[i].argmax()]}</td>"
        f"<td style='text-align: left'>{escape(rows[i][1][:200])}</td></tr>"
        for i in worst
    )
    display(HTML(f"<table><tr><th>it is</th><th>the network says</th><th>text</th></tr>{lines}</table>"))


if "model" in globals():
    show_worst_mistakes(model, some_rows)
else:
    print("1f is not written yet: there is no `model`")

# %% [markdown]
# ## To go further (no points)
#
# - How far back does the network remember? Change the first word of a text and look how far the last state moves. Then
#   let the text begin 5, 10, 20 words earlier.
# - Plot the norm of the gradient of the loss with respect to each $h_t$ (`retain_grad`). That is why
#   [the GRU](https://arxiv.org/abs/1406.1078) and the LSTM were invented.
# - Forget the order: take the mean of the embeddings of all words instead of the last state. How much is lost? The
#   answer may surprise you.
#
# ## Collaborators and references
#
# *Write here with whom you worked, and which pages, books or tools you used. "None" is an answer, too.*

# %% [markdown] lang="ko"
# ## 더 해 보기 (점수 없음)
#
# - 신경망은 얼마나 멀리까지 기억할까요? 글의 첫 단어를 바꾸고 마지막 상태가 얼마나 움직이는지 보세요. 그다음 글이 5,
#   10, 20단어 앞에서 시작하게 해 보세요.
# - 각 $h_t$에 대한 손실의 그래디언트의 크기(norm)를 그려 보세요(`retain_grad`).
#   [GRU](https://arxiv.org/abs/1406.1078)와 LSTM이 나온 이유가 바로 이것입니다.
# - 순서를 무시해 보세요. 마지막 상태 대신 모든 단어의 임베딩을 평균하세요. 얼마나 나빠지나요? 결과에 놀랄지도 모릅니다.
#
# ## 함께한 사람과 참고 자료
#
# *여기에 누구와 함께했는지, 어떤 웹 페이지와 책, 도구를 참고했는지 쓰세요. "없음"도 답입니다.*

# %%
check.all()
