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
# 우리는 문장을 한 단어씩 읽고, 읽은 것을 기억합니다. 순환 신경망(RNN)도 같은 일을 합니다. 한 번에 한 단어를 읽고,
# **상태** 라는 벡터 하나에 모든 것을 기억합니다. 마지막 단어를 읽은 뒤에는 이 상태만 보고 글의 주제를 말해야 합니다.
# 이 노트북에서는 그런 신경망을 처음부터 직접 만들고, 네 종류의 뉴스를 구별하도록 학습시킵니다.
#
# | 문제 | 작성할 것 | 점수 | 예상 시간 |
# |---|---|---|---|
# | 1a | `collate_batch`: 글을 텐서로 | 3 | 15~30분 |
# | 1b | 파라미터의 모양(shape) | 2 | 5~10분 |
# | 1c | `forward`: 신경망 본체 | 10 | 30~60분 |
# | 1d | `compute_loss`: 교차 엔트로피 | 5 | 15~30분 |
# | 1e | `train`과 `evaluate` | 5 | 20~40분 |
# | 1f | 테스트 정확도 70 %를 넘는 실험 | 5 | 30~60분과 학습 시간 |
#
# **마감: {{ deadline }}.** {{ late }}
# 예상 시간은 어림값입니다. 학습은 약 2분 걸립니다. CPU 코어 두 개에서 5 에포크를 학습한
# 우리 풀이의 시간입니다. 단어를 차례대로 읽어야 하므로 GPU를 써도 크게 빨라지지 않습니다.
#
# **진행 방법**
#
# - 아무것도 쓰지 않은 상태에서도 노트북은 처음부터 끝까지 실행됩니다. 아직 쓰지 않은 문제의 셀은 그렇다고 알려
#   줍니다. Colab에서는 첫 셀이 Drive에서 과제 폴더를 찾습니다.
# - `IMPLEMENT YOUR CODE` 표시 사이에만 코드를 쓰세요. 보조 함수와 셀은 더해도 됩니다.
# - 주어진 이름과 매개변수의 순서를 바꾸지 마세요. 채점기가 그대로 호출합니다.
# - 텐서 전체를 한 번에 다루세요. 1c에 필요한 반복문은 단어에 대한 것 하나뿐입니다. 쓸데없이 느린 코드는 끝까지
#   실행되지 않을 수 있습니다.
# - 문제마다 뒤에 `check(...)` 셀이 있습니다. 공개된 예제로 여러분의 답을 바로 확인합니다. 채점할 때는 같은 종류의
#   예제를 더 씁니다. 주어진 것(글, check, 그림)은 채점하지 않습니다.
#
# **제출하기 전에**
#
# - 이 노트북의 마지막 글에 함께 한 사람과 참고한 것(웹 페이지 포함)을 밝히세요. 출처를 밝히지 않고 베낀 코드는 학생
#   윤리 규정을 심각하게 어기는 것입니다.
# - 필요 없는 print와 주석을 지우세요. **출력은 지우지 마세요.** 1f는 출력을 보고 채점합니다.
# - 과제의 노트북 세 개를 학번으로 이름 지은 `{{ archive }}`에 넣으세요.
#
# {{ limits }}
#
# 다음도 점수에 영향을 줍니다.
#
# | 문제 | 내용 |
# |---|---|
# | 1a, 1c, 1d | 크기가 1인 배치에서만 틀린 답은 80 %를 받습니다 |
# | 1c | 그래디언트가 모든 파라미터에 닿아야 합니다(detach 금지). 아니면 점수의 절반을 잃습니다 |
# | 1e | `update()`를 어디에서도 부르지 않으면 1점을 잃습니다 |
# | 규칙 | 1c와 1d에서 쓸 수 없는 층과 함수는 해당 문제에 적혀 있습니다 |
#
# **더 읽을거리.** [The Unreasonable Effectiveness of Recurrent Neural
# Networks](https://karpathy.github.io/2015/05/21/rnn-effectiveness/)는 읽는 재미가 있습니다.
# [Elman 1990](https://doi.org/10.1207/s15516709cog1402_1)에서 모든 것이 시작되었습니다.

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

# %%
check.all()
