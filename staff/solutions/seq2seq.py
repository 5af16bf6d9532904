# %% [markdown]
# # Homework 4-2. Translation with attention
#
# One network reads a French sentence, and another one writes it in English, word by word. Whatever the second one knows
# of the sentence has to fit into the last state of the first: one vector for a whole sentence. That is too little.
# **Attention** lets the writer look back: before each word it compares what it is about to say with every word of the
# sentence, and takes what fits. Transformers grew out of this one idea, and in this notebook you write it.
#
# | question | what you write | points | your time |
# |---|---|---|---|
# | 2a | the encoder, and one step of the decoder with its attention | 10 | 40 to 80 minutes |
# | 2b | the model, which puts the steps together | 10 | 30 to 60 minutes |
# | 2c | a training with a test perplexity below 7 | 10 | 30 minutes, and training |
#
# **Due: {{ deadline }}.** {{ late }} The times are guesses. Training takes about 2 minutes: that is what our solution
# needed for 8 epochs on two CPU cores.
#
# **How it works**
#
# - The notebook runs from top to bottom before you have written anything. A cell whose question is not written yet says
#   so. On Colab, the first cell finds the folder of the homework on your Drive.
# - Write only between the banners `IMPLEMENT YOUR CODE`. You may add helper functions and cells.
# - Keep the names and the order of parameters of what is given: the grader calls it.
# - Think in whole tensors. The only loop that this notebook needs is the one over the words of the translation. Code
#   that is needlessly slow may not be run to its end.
# - After each question stands a cell `check(...)`. It tries your answer on public cases, here, in a moment. The grader
#   uses more cases of the same kind. What is given (texts, checks, pictures) is not graded.
#
# **Before you hand in**
#
# - Name your collaborators and your references (web pages, too) in the last text of this notebook. Copied code without
#   its reference is a serious violation of the student code of conduct.
# - Erase prints and comments that nobody needs. **Do not clear the outputs:** 2c is marked by them.
# - Put the three notebooks of the homework into `{{ archive }}`, named with your student ID.
#
# {{ limits }}
#
# These cost points, too:
#
# | question | what |
# |---|---|
# | 2a, 2b | gradients have to reach every parameter (nothing is detached), or half of the points are lost |
# | 2b | a model that keeps something from one batch to the next loses half of the points |
# | 2b | a model that is right but for a batch of one earns 80 % |
# | 2c | a model that knows the words which it has to guess earns nothing; without curves 7 points are left |
#
# **Read more.** [Bahdanau et al. 2014](https://arxiv.org/abs/1409.0473) had the idea,
# [Luong et al. 2015](https://arxiv.org/abs/1508.04025) made it the dot product that you write here. [Attention and
# Augmented Recurrent Neural Networks](https://distill.pub/2016/augmented-rnns/) has pictures that you can touch.

# %% [markdown] lang="ko"
# # 과제 4-2. 어텐션을 이용한 번역
#
# 신경망 하나가 프랑스어 문장을 읽고, 다른 신경망이 그것을 영어로 한 단어씩 씁니다. 쓰는 쪽이 문장에 대해 아는 것은 모두
# 읽는 쪽의 마지막 상태에 들어 있어야 합니다. 문장 전체를 벡터 하나에 담는 것인데, 이것으로는 부족합니다.
# **어텐션**(attention)은 쓰는 쪽이 뒤를 돌아볼 수 있게 합니다. 단어를 쓰기 전마다, 이제 말하려는 것을 문장의 모든
# 단어와 비교하고 알맞은 것을 가져옵니다. 트랜스포머(Transformer)도 이 아이디어 하나에서 자라났습니다. 이 노트북에서는
# 바로 그것을 구현합니다.
#
# | 문항 | 구현할 것 | 점수 | 예상 시간 |
# |---|---|---|---|
# | 2a | 인코더, 그리고 어텐션이 있는 디코더의 한 단계 | 10 | 40-80분 |
# | 2b | 그 단계들을 이어 붙이는 모델 | 10 | 30-60분 |
# | 2c | 테스트 퍼플렉서티가 7보다 작아지는 학습 | 10 | 30분과 학습 시간 |
#
# **마감: {{ deadline }}.** {{ late }} 예상 시간은 어림값입니다. 학습에는 약 2분이 걸립니다. 조교 풀이를 CPU 코어 두
# 개로 8 에포크(epoch) 동안 학습했을 때의 시간입니다.
#
# **진행 방법**
#
# - 이 노트북은 아무것도 작성하지 않은 상태에서도 처음부터 끝까지 실행됩니다. 아직 작성하지 않은 문항의 셀은 그렇다고
#   알려 줍니다. Colab에서는 첫 번째 셀이 Drive에서 과제 폴더를 찾습니다.
# - `IMPLEMENT YOUR CODE` 표시 사이에만 코드를 작성하세요. 보조 함수나 셀을 추가해도 됩니다.
# - 미리 주어진 것의 이름과 매개변수 순서를 바꾸지 마세요. 채점기가 그대로 호출합니다.
# - 텐서 전체를 한 번에 다룬다고 생각하세요. 이 노트북에 필요한 반복문은 번역문의 단어를 도는 것 하나뿐입니다. 지나치게
#   느린 코드는 끝까지 실행되지 않을 수 있습니다.
# - 각 문항 뒤에는 `check(...)` 셀이 있습니다. 공개된 예제로 여러분의 답을 그 자리에서 바로 확인해 줍니다. 채점할 때는
#   같은 종류의 예제를 더 많이 씁니다. 미리 주어진 것(글, 확인용 셀, 그림)은 채점하지 않습니다.
#
# **제출하기 전에**
#
# - 함께한 사람과 참고한 자료(웹 페이지 포함)를 이 노트북의 마지막 텍스트 셀에 적으세요. 출처를 밝히지 않고 코드를
#   베끼는 것은 학생 윤리 규정을 심각하게 위반하는 일입니다.
# - 필요 없는 print 문과 주석은 지우세요. **출력은 지우지 마세요.** 2c는 출력을 보고 채점합니다.
# - 과제의 노트북 세 개를 `{{ archive }}`에 넣으세요. 파일 이름에는 자신의 학번을 씁니다.
#
# {{ limits }}
#
# 다음 경우에도 점수가 깎입니다.
#
# | 문항 | 내용 |
# |---|---|
# | 2a, 2b | 그래디언트(gradient)가 모든 파라미터에 도달해야 합니다(detach 금지). 그렇지 않으면 점수의 절반을 잃습니다 |
# | 2b | 한 배치에서 다음 배치로 무언가를 남기는 모델은 점수의 절반을 잃습니다 |
# | 2b | 예제가 하나뿐인 배치에서만 틀리는 모델은 점수의 80 %를 받습니다 |
# | 2c | 맞혀야 할 단어를 미리 아는 모델은 점수를 받지 못합니다. 곡선이 없으면 7점까지 받습니다 |
#
# **더 읽을거리.** [Bahdanau et al. 2014](https://arxiv.org/abs/1409.0473)가 이 아이디어를 냈고, [Luong et al.
# 2015](https://arxiv.org/abs/1508.04025)가 여기에서 구현할 내적 형태로 만들었습니다. [Attention and Augmented Recurrent
# Neural Networks](https://distill.pub/2016/augmented-rnns/)에는 직접 만져 볼 수 있는 그림이 있습니다.

# %%
import math
import random

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, random_split

from data.data import EOS_token, PAD_token, SOS_token, prepareData

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(0)
random.seed(0)

# %% [markdown]
# ## The data (given)
#
# `prepareData` keeps short and simple sentence pairs, and gives every word a number. 0, 1 and 2 are no words:
# `SOS_token` starts a translation, `EOS_token` ends a sentence, `PAD_token` fills up the rest of a row.
#
# | name | holds |
# |---|---|
# | `dataset.input_lang`, `dataset.output_lang` | the two vocabularies: `word2index`, `index2word`, `n_words` |
# | `dataset[i]` | source `(L,)`: words, EOS, PAD ...; target `(L,)`: **SOS**, words, EOS, PAD ... |
#
# `L` is `MAX_LENGTH + 1` for both.

# %% [markdown] lang="ko"
# ## 데이터 (주어짐)
#
# `prepareData`는 짧고 단순한 문장 쌍만 남기고, 단어마다 번호를 붙입니다. 0, 1, 2는 단어가 아닙니다. `SOS_token`은
# 번역문을 시작하고, `EOS_token`은 문장을 끝내며, `PAD_token`은 행의 나머지를 채웁니다.
#
# | 이름 | 내용 |
# |---|---|
# | `dataset.input_lang`, `dataset.output_lang` | 두 언어의 어휘(vocabulary): `word2index`, `index2word`, `n_words` |
# | `dataset[i]` | 원문(source) `(L,)`: 단어들, EOS, PAD ...; 번역문(target) `(L,)`: **SOS**, 단어들, EOS, PAD ... |
#
# `L`은 둘 다 `MAX_LENGTH + 1`입니다.

# %%
MAX_LENGTH = 10


class TranslateDataset(Dataset):
    """French sentences and their English translations, as rows of word numbers."""

    def __init__(self, max_length=MAX_LENGTH):
        self.input_lang, self.output_lang, self.pairs = prepareData("eng", "fra", max_length, reverse=True)
        self.length = max_length + 1

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, index):
        source, target = self.pairs[index]
        return self.row(self.input_lang, source), self.row(self.output_lang, target, [SOS_token])

    def row(self, lang, sentence, start=()):
        numbers = [*start, *(lang.word2index[word] for word in sentence.split()), EOS_token]
        return torch.tensor(numbers + [PAD_token] * (self.length - len(numbers)))


dataset = TranslateDataset()
print(dataset.pairs[0], *dataset[0], sep="\n")

# %%
BATCH_SIZE = 64
n_test = len(dataset) // 10
parts = random_split(dataset, [len(dataset) - 2 * n_test, n_test, n_test], torch.Generator().manual_seed(0))
train_loader = DataLoader(parts[0], batch_size=BATCH_SIZE, shuffle=True)
valid_loader = DataLoader(parts[1], batch_size=BATCH_SIZE)
test_loader = DataLoader(parts[2], batch_size=BATCH_SIZE)

# %% [markdown]
# ## 2a. Encoder and decoder [10 pts]
#
# Difficulty ●●●○○, importance ●●●●●, 40 to 80 minutes.
#
# Write both `forward` with what `__init__` gives. You decide what they return: whatever your `LSTMSeq2Seq` of 2b needs.
#
# **`LSTMEncoder.forward(input, hidden, cell)`** [4 pts]: the words of the sentences `(B, L)` and the first state and
# cell, both `(1, B, hid_dim)`. The words go through the embedding and the LSTM. Among what you return should be the
# output of the LSTM at every word, its last state and its last cell.
#
# **`AttnLSTMDecoder.forward(input, hidden, cell)`** [6 pts] is one step of the decoder, as in Figure 1: one word of
# every translation `(B, 1)`, and the former state and cell. With the new state $h_t$ of the LSTM and the states
# $s_1 \dots s_L$ of the encoder, which stand in `self.enc_hiddens` `(B, L, hid_dim)`:
#
# $$a = \mathrm{softmax}(h_t \cdot s_1, \dots, h_t \cdot s_L) \qquad c_t = \sum_i a_i s_i \qquad
# \mathrm{scores} = \mathrm{classifier}(\tanh(\mathrm{fc}([c_t; h_t])))$$
#
# ![The encoder reads a French sentence of three words and an end. The decoder compares its state with the four states
# of the encoder, mixes these by the softmax of what comes out, and guesses the next English
# word](images/seq2seq_attention.svg)
#
# The order of $c_t$ and $h_t$ is up to you, and so is whether you leave out the filled up positions of a sentence.
# Among what you return should be the scores of the words, as they are or after a log-softmax.
#
# | name | shape | what it is |
# |---|---|---|
# | $s_1 \dots s_L$ | `(B, L, hid_dim)` | the states of the encoder, one for each word of the sentence |
# | $h_t$ | `(B, 1, hid_dim)` | the new state of the decoder |
# | $a$ | `(B, 1, L)` | the attention weights: one row for each translation, which adds up to 1 |
# | $c_t$ | `(B, 1, hid_dim)` | the context: the states of the encoder, mixed by these weights |
# | scores | `(B, out_dim)` or `(B, 1, out_dim)` | one for each word of the target language |
#
# **A small example.** Three states of the encoder, $s_1 = (2, 0)$, $s_2 = (0, 2)$, $s_3 = (1, 1)$, and the decoder's
# state $h = (1, 0)$.
#
# | step | | result |
# |---|---|---|
# | dot products | $h \cdot s_i$ | $(2, 0, 1)$ |
# | softmax | $a$ | $(0.665, 0.090, 0.245)$ |
# | mix | $0.665\, s_1 + 0.090\, s_2 + 0.245\, s_3$ | $c = (1.575, 0.425)$ |
#
# The context leans to $s_1$, which points where $h$ points.
#
# <details><summary>Hint: all dot products at once</summary>
#
# A dot product of one vector with each of `L` vectors is a product of matrices, and
# [`@`](https://docs.pytorch.org/docs/stable/generated/torch.matmul.html) does it for each row of the batch:
# `(B, 1, hid_dim) @ (B, hid_dim, L)`. Which two dimensions of `self.enc_hiddens` have to change places?
# </details>
#
# <details><summary>Hint: softmax over what?</summary>
#
# The weights of **one** translation over the words of **its** sentence add up to 1. Print `weights.sum(...)`, and look
# at which dimension gives ones.
# </details>

# %% [markdown] lang="ko"
# ## 2a. 인코더와 디코더 [10점]
#
# 난이도 ●●●○○, 중요도 ●●●●●, 40-80분.
#
# `__init__`에 주어진 것으로 두 `forward`를 작성하세요. 무엇을 반환할지는 여러분이 정합니다. 2b의 `LSTMSeq2Seq`에 필요한
# 것을 반환하면 됩니다.
#
# **`LSTMEncoder.forward(input, hidden, cell)`** [4점]은 문장의 단어들 `(B, L)`과, 둘 다 `(1, B, hid_dim)`인 처음 상태와
# 셀(cell)을 받습니다. 단어들은 임베딩(embedding)과 LSTM을 지나갑니다. 반환값에는 단어마다 나온 LSTM의 출력, 마지막
# 상태, 마지막 셀이 들어 있어야 합니다.
#
# **`AttnLSTMDecoder.forward(input, hidden, cell)`** [6점]은 그림 1에 있는 디코더의 한 단계입니다. 번역문마다 단어
# 하나씩 `(B, 1)`과, 바로 앞의 상태와 셀을 받습니다. LSTM의 새 상태 $h_t$와, `self.enc_hiddens` `(B, L, hid_dim)`에 들어
# 있는 인코더의 상태 $s_1 \dots s_L$로 다음을 계산합니다.
#
# $$a = \mathrm{softmax}(h_t \cdot s_1, \dots, h_t \cdot s_L) \qquad c_t = \sum_i a_i s_i \qquad
# \mathrm{scores} = \mathrm{classifier}(\tanh(\mathrm{fc}([c_t; h_t])))$$
#
# ![인코더가 단어 세 개와 끝 표시로 된 프랑스어 문장을 읽는다. 디코더는 자기 상태를 인코더의 네 상태와 비교하고, 그
# 결과의 소프트맥스로 네 상태를 섞은 다음, 이어질 영어 단어를 예측한다](images/seq2seq_attention.svg)
#
# $c_t$와 $h_t$의 순서는 자유롭게 정해도 되고, 문장에서 채워진 자리를 뺄지 말지도 자유입니다. 반환값에는 단어들의
# 점수(score)가 그대로, 또는 log-softmax를 거친 값으로 들어 있어야 합니다.
#
# | 이름 | shape | 뜻 |
# |---|---|---|
# | $s_1 \dots s_L$ | `(B, L, hid_dim)` | 인코더의 상태. 문장의 단어마다 하나입니다 |
# | $h_t$ | `(B, 1, hid_dim)` | 디코더의 새 상태 |
# | $a$ | `(B, 1, L)` | 어텐션 가중치. 번역문마다 한 행이고, 행을 더하면 1입니다 |
# | $c_t$ | `(B, 1, hid_dim)` | 문맥(context). 인코더의 상태를 이 가중치로 섞은 것입니다 |
# | 점수 | `(B, out_dim)` 또는 `(B, 1, out_dim)` | 번역할 언어의 단어마다 하나입니다 |
#
# **작은 예.** 인코더의 상태가 $s_1 = (2, 0)$, $s_2 = (0, 2)$, $s_3 = (1, 1)$ 셋이고, 디코더의 상태는
# $h = (1, 0)$입니다.
#
# | 단계 | | 결과 |
# |---|---|---|
# | 내적 | $h \cdot s_i$ | $(2, 0, 1)$ |
# | 소프트맥스 | $a$ | $(0.665, 0.090, 0.245)$ |
# | 섞기 | $0.665\, s_1 + 0.090\, s_2 + 0.245\, s_3$ | $c = (1.575, 0.425)$ |
#
# 문맥은 $h$와 같은 방향을 가리키는 $s_1$ 쪽으로 기웁니다.
#
# <details><summary>힌트: 내적을 한 번에 모두 계산하기</summary>
#
# 벡터 하나와 벡터 `L`개의 내적은 행렬의 곱 한 번이며,
# [`@`](https://docs.pytorch.org/docs/stable/generated/torch.matmul.html)는 이것을 배치의 행마다 해 줍니다:
# `(B, 1, hid_dim) @ (B, hid_dim, L)`. `self.enc_hiddens`의 어느 두 차원이 자리를 바꿔야 할까요?
# </details>
#
# <details><summary>힌트: 소프트맥스는 어느 차원으로 하나요?</summary>
#
# 번역문 **하나**가 **자기** 원문의 단어들에 주는 가중치를 더하면 1이 됩니다. `weights.sum(...)`을 출력하여 어느
# 차원에서 그렇게 되는지 보세요.
# </details>


# %%
class LSTMEncoder(nn.Module):
    """Reads sentences.

    Args:
        in_dim: number of words of the source language.
        emb_dim: size of the embedding of a word.
        hid_dim: size of the state.
    """

    def __init__(self, in_dim, emb_dim, hid_dim):
        super().__init__()
        self.embedding = nn.Embedding(in_dim, emb_dim)
        self.lstm = nn.LSTM(emb_dim, hid_dim, batch_first=True)

    def forward(self, input, hidden, cell):
        """Words (B, L), state and cell (1, B, hid_dim) -> what your LSTMSeq2Seq needs"""
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        outputs, (hidden, cell) = self.lstm(self.embedding(input), (hidden, cell))
        return outputs, hidden, cell
        ### END SOLUTION
        ###############################


class AttnLSTMDecoder(nn.Module):
    """Writes one word of each translation, and attends to the sentences.

    Args:
        emb_dim: size of the embedding of a word.
        hid_dim: size of the state.
        out_dim: number of words of the target language.
        dropout: probability with which a number of the embedding is dropped.
        enc_hiddens: states of the encoder (B, L, hid_dim), which LSTMSeq2Seq sets before it decodes.
    """

    def __init__(self, emb_dim, hid_dim, out_dim, dropout, enc_hiddens=None):
        super().__init__()
        self.enc_hiddens = enc_hiddens
        self.embedding = nn.Embedding(out_dim, emb_dim)
        self.dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(emb_dim, hid_dim, batch_first=True)
        self.fc = nn.Linear(2 * hid_dim, hid_dim)
        self.tanh = nn.Tanh()
        self.classifier = nn.Linear(hid_dim, out_dim)

    def forward(self, input, hidden, cell):
        """One word of every translation (B, 1), state and cell (1, B, hid_dim) -> what your LSTMSeq2Seq needs"""
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        embedded = self.dropout(self.embedding(input))  # (B, 1, emb_dim)
        state, (hidden, cell) = self.lstm(embedded, (hidden, cell))  # (B, 1, hid_dim)
        weights = torch.softmax(state @ self.enc_hiddens.transpose(1, 2), dim=2)  # (B, 1, L)
        context = weights @ self.enc_hiddens  # (B, 1, hid_dim)
        mixed = self.tanh(self.fc(torch.cat([context, state], dim=2)))
        return self.classifier(mixed).squeeze(1), hidden, cell
        ### END SOLUTION
        ###############################


# %%
check("2a")

# %% [markdown]
# ## 2b. The model [10 pts]
#
# Difficulty ●●●○○, importance ●●●●●, 30 to 60 minutes.
#
# Write `LSTMSeq2Seq.forward(src, trg)`: sentences and translations, both `(B, L)` -> scores `(B, out_dim, L)`.
#
# - The encoder starts with a state and a cell of zeros. The decoder starts with those that the encoder ends with, and
#   every later step with those of the step before.
# - **Teacher forcing**: the scores at index `t` say which word `trg[:, t]` is. They come from a step of the decoder
#   that reads `trg[:, t - 1]`, the right word before. So no score may know the word that it has to guess. Index 0 (SOS)
#   is guessed by nobody: leave it as you like.
#
# **A small example.** The translation `SOS i am tired EOS PAD`:
#
# | step | reads | guesses | writes its scores to |
# |---|---|---|---|
# | 1 | `trg[:, 0]` = SOS | i | `[:, :, 1]` |
# | 2 | `trg[:, 1]` = i | am | `[:, :, 2]` |
# | 3 | `trg[:, 2]` = am | tired | `[:, :, 3]` |
# | 4 | `trg[:, 3]` = tired | EOS | `[:, :, 4]` |
#
# <details><summary>Hint: my perplexity is nearly 1 after one epoch</summary>
#
# Too good to be true: the model sees the word that it has to guess. Which index does each step read, and which one does
# it write?
# </details>
#
# <details><summary>Hint: the check says that something is kept from the batch before</summary>
#
# `self.decoder.enc_hiddens` belongs to one batch. Set it anew each time, before the first step, and so the state and
# the cell of zeros.
# </details>

# %% [markdown] lang="ko"
# ## 2b. 모델 [10점]
#
# 난이도 ●●●○○, 중요도 ●●●●●, 30-60분.
#
# `LSTMSeq2Seq.forward(src, trg)`를 작성하세요: 둘 다 `(B, L)`인 원문과 번역문 -> 점수 `(B, out_dim, L)`.
#
# - 인코더는 영으로 채운 상태와 셀에서 시작합니다. 디코더는 인코더의 마지막 상태와 셀에서 시작하고, 그 뒤의 단계는 바로
#   앞 단계의 상태와 셀에서 시작합니다.
# - **교사 강요**(teacher forcing): 인덱스 `t`의 점수는 `trg[:, t]`가 어느 단어인지 말합니다. 이 점수는 바로 앞의 정답
#   단어 `trg[:, t - 1]`을 읽는 디코더의 단계에서 나옵니다. 따라서 어떤 점수도 자기가 맞혀야 할 단어를 알아서는 안
#   됩니다. 인덱스 0(SOS)은 아무도 맞히지 않으니 어떤 값이든 괜찮습니다.
#
# **작은 예.** 번역문 `SOS i am tired EOS PAD`:
#
# | 단계 | 읽는 것 | 맞힐 것 | 점수를 쓰는 곳 |
# |---|---|---|---|
# | 1 | `trg[:, 0]` = SOS | i | `[:, :, 1]` |
# | 2 | `trg[:, 1]` = i | am | `[:, :, 2]` |
# | 3 | `trg[:, 2]` = am | tired | `[:, :, 3]` |
# | 4 | `trg[:, 3]` = tired | EOS | `[:, :, 4]` |
#
# <details><summary>힌트: 한 에포크 만에 퍼플렉서티가 거의 1이 되었습니다</summary>
#
# 너무 좋아서 이상한 결과입니다. 모델이 맞혀야 할 단어를 보고 있습니다. 각 단계는 어느 인덱스를 읽고, 어느 인덱스에
# 쓰나요?
# </details>
#
# <details><summary>힌트: 확인용 셀이 이전 배치의 무언가가 남아 있다고 합니다</summary>
#
# `self.decoder.enc_hiddens`는 배치 하나의 것입니다. 매번 첫 단계 전에 새로 넣으세요. 영으로 채운 상태와 셀도
# 마찬가지입니다.
# </details>


# %%
class LSTMSeq2Seq(nn.Module):
    """The encoder and the decoder as one model.

    Args:
        in_dim, out_dim: number of words of the source and of the target language.
        emb_dim: size of the embedding of a word.
        hid_dim: size of the state.
        device: where the model is.
        dropout: probability of the decoder's dropout.
    """

    def __init__(self, in_dim, out_dim, emb_dim, hid_dim, device, dropout):
        super().__init__()
        self.hid_dim = hid_dim
        self.out_dim = out_dim
        self.device = device
        self.encoder = LSTMEncoder(in_dim, emb_dim, hid_dim)
        self.decoder = AttnLSTMDecoder(emb_dim, hid_dim, out_dim, dropout)

    def forward(self, src, trg):
        """Sentences and translations (B, L) -> scores (B, out_dim, L)"""
        ##### IMPLEMENT YOUR CODE #####
        ### BEGIN SOLUTION
        B, L = trg.shape
        zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
        self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
        scores = torch.zeros(B, self.out_dim, L, device=self.device)
        for t in range(1, L):
            scores[:, :, t], hidden, cell = self.decoder(trg[:, t - 1 : t], hidden, cell)
        return scores
        ### END SOLUTION
        ###############################


# %% [markdown]
# The next cell says whether the shapes fit together. It does not look at the values.

# %% [markdown] lang="ko"
# 다음 셀은 shape이 서로 맞는지 알려 줍니다. 값은 보지 않습니다.

# %%
try:
    small = LSTMSeq2Seq(dataset.input_lang.n_words, dataset.output_lang.n_words, 6, 7, device, 0.0).to(device)
    src, trg = (torch.stack(rows).to(device) for rows in zip(*(dataset[i] for i in range(5)), strict=True))
    print(tuple(small(src, trg).shape), "should be", (5, dataset.output_lang.n_words, MAX_LENGTH + 1))
except NotImplementedError as error:
    print(error)

# %%
check("2b")

# %% [markdown]
# ## 2c. Training [10 pts]
#
# Difficulty ●●○○○, importance ●●●●○, 30 minutes, and training: about 2 minutes on two CPU cores for 8 epochs.
#
# `train` and `evaluate` (given) return the **perplexity**: $e$ to the power of the mean cross-entropy over all words of
# the translations. EOS counts as a word, PAD does not.
#
# $$\mathrm{perplexity} = \exp\Big(-\frac1N \sum_{n=1}^{N} \ln p(\mathrm{word}_n)\Big)$$
#
# **A small example.** A model gives the three right words of a translation the probabilities $\tfrac12$, $\tfrac14$ and
# $\tfrac18$. The mean of $-\ln p$ is $\ln 4$, so the perplexity is 4: on the whole, the model wavers between four
# words.

# %% [markdown] lang="ko"
# ## 2c. 학습 [10점]
#
# 난이도 ●●○○○, 중요도 ●●●●○, 30분과 학습 시간: CPU 코어 두 개로 8 에포크에 약 2분.
#
# 미리 주어진 `train`과 `evaluate`는 **퍼플렉서티**(perplexity)를 반환합니다. 번역문의 모든 단어에 대한 교차
# 엔트로피(cross-entropy)의 평균을 지수로 하는 $e$의 거듭제곱입니다. EOS는 단어로 세고, PAD는 세지 않습니다.
#
# $$\mathrm{perplexity} = \exp\Big(-\frac1N \sum_{n=1}^{N} \ln p(\mathrm{word}_n)\Big)$$
#
# **작은 예.** 모델이 번역문의 정답 단어 셋에 $\tfrac12$, $\tfrac14$, $\tfrac18$의 확률을 줍니다. $-\ln p$의 평균은
# $\ln 4$이므로 퍼플렉서티는 4입니다. 모델은 전체적으로 단어 네 개를 놓고 망설이는 셈입니다.


# %%
def summed_loss(model, src, trg):
    """The sum of the cross-entropies of all words of a batch, and their number"""
    src, trg = src.to(device), trg.to(device)
    scores, words = model(src, trg)[:, :, 1:], trg[:, 1:]
    loss = F.cross_entropy(scores, words, ignore_index=PAD_token, reduction="sum")
    return loss, (words != PAD_token).sum().item()


def train(model, loader, optimizer, scheduler=None):
    """Trains for one epoch -> perplexity. The scheduler, if there is one, makes a step after every batch."""
    model.train()
    total_loss, total_words = 0.0, 0
    for src, trg in loader:
        loss, words = summed_loss(model, src, trg)
        optimizer.zero_grad()
        (loss / words).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        total_loss += loss.item()
        total_words += words
    return math.exp(total_loss / total_words)


@torch.no_grad()
def evaluate(model, loader):
    """Trains nothing -> perplexity"""
    model.eval()
    total_loss, total_words = 0.0, 0
    for src, trg in loader:
        loss, words = summed_loss(model, src, trg)
        total_loss += loss.item()
        total_words += words
    return math.exp(total_loss / total_words)


# %% [markdown]
# ### Before the long run: overfit one batch (no points)
#
# A model that works can learn a few sentences by heart. If it cannot, it will not learn thousands either. So
# [try this first](https://karpathy.github.io/2019/04/25/recipe/): it takes seconds. What is printed is the mean
# cross-entropy of a word. It should begin near the logarithm of the number of words, and end below 0.1.

# %% [markdown] lang="ko"
# ### 오래 학습하기 전에: 배치 하나에 과적합시키기 (점수 없음)
#
# 모델이 제대로 되어 있다면 문장 몇 개쯤은 통째로 외울 수 있습니다. 그것도 못 하면 수천 개도 배우지 못합니다. 그러니
# [이것부터 해 보세요](https://karpathy.github.io/2019/04/25/recipe/). 몇 초면 됩니다. 출력되는 것은 단어 하나의 평균
# 교차 엔트로피입니다. 단어 수의 로그 근처에서 시작하여 0.1 아래로 내려가야 합니다.


# %%
def overfit_one_batch(epochs=120):
    """Trains a small model on the same 16 sentences again and again."""
    places = range(0, len(dataset), len(dataset) // 16)[:16]  # neighbours are too much alike
    batch = [torch.stack(rows) for rows in zip(*(dataset[i] for i in places), strict=True)]
    words = dataset.input_lang.n_words, dataset.output_lang.n_words
    with torch.random.fork_rng():  # the random numbers of your own training stay as they are
        torch.manual_seed(0)
        translator = LSTMSeq2Seq(*words, 32, 64, device, dropout=0.0).to(device)
        adam = torch.optim.Adam(translator.parameters(), lr=0.01)
        print(f"logarithm of the number of words: {math.log(words[1]):.3f}")
        for epoch in range(1, epochs + 1):
            cross_entropy = math.log(train(translator, [batch], adam))
            if epoch == 1 or epoch % 30 == 0:
                print(f"after {epoch:3} times: cross-entropy {cross_entropy:.3f}")


try:
    overfit_one_batch()
except NotImplementedError as error:
    print(error)

# %% [markdown]
# ### The training
#
# Train your model, and call it `model`. Then the cells below can show what it has learnt.
#
# - Plot the perplexities (training and validation) and the learning rate over the epochs.
# - Say in a few words which hyperparameters you chose and what came out.
# - Print the perplexity on the **test** set at the end, in a line such as `Test perplexity: 5.43`. It has to be less
#   than 7. What counts is what stands in the saved output of this notebook.
#
# *What you should see:* the validation perplexity falls from about 10 after the first epoch to below 4. Our solution
# ended at 3.86 on the test set. The training perplexity goes on to fall, to 1.5: there are few sentences, and the model
# learns them by heart.
#
# <details><summary>Hint: what should I try first?</summary>
#
# The learning rate: it matters more than all else. Then how it changes
# ([schedules](https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate)), then dropout and the
# sizes. Change one thing at a time, and write down what came out.
# </details>

# %% [markdown] lang="ko"
# ### 본격적인 학습
#
# 모델을 학습시키고 이름을 `model`로 하세요. 그래야 아래의 셀들이 모델이 무엇을 배웠는지 보여 줄 수 있습니다.
#
# - 학습과 검증의 퍼플렉서티, 그리고 학습률(learning rate)을 에포크에 따라 그래프로 그리세요.
# - 어떤 하이퍼파라미터(hyperparameter)를 골랐고 결과가 어땠는지 짧게 쓰세요.
# - 마지막에 **테스트** 데이터의 퍼플렉서티를 `Test perplexity: 5.43` 같은 한 줄로 출력하세요. 7보다 작아야 합니다. 이
#   노트북에 저장된 출력에 적힌 값으로 채점합니다.
#
# *이런 결과가 나와야 합니다.* 검증 퍼플렉서티는 첫 에포크 뒤의 10 정도에서 4 아래로 떨어집니다. 조교 풀이는 테스트
# 데이터에서 3.86으로 끝났습니다. 학습 퍼플렉서티는 계속 떨어져 1.5까지 내려갑니다. 문장이 적어서 모델이 외워 버리는
# 것입니다.
#
# <details><summary>힌트: 무엇부터 바꾸어 볼까요?</summary>
#
# 학습률입니다. 다른 무엇보다 중요합니다. 그다음은 학습률을 바꾸는 방식
# ([스케줄](https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate)), 그다음은 드롭아웃(dropout)과
# 크기입니다. 한 번에 하나만 바꾸고 결과를 적어 두세요.
# </details>

# %%
##### IMPLEMENT YOUR CODE #####
### BEGIN SOLUTION
from torch.utils.tensorboard import SummaryWriter

emb_dim, hid_dim, dropout, epochs = 128, 256, 0.2, 8
model = LSTMSeq2Seq(dataset.input_lang.n_words, dataset.output_lang.n_words, emb_dim, hid_dim, device, dropout)
model = model.to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(train_loader))
writer, rates, perplexities = SummaryWriter("runs/seq2seq"), [], []
for epoch in range(1, epochs + 1):
    rates.append(optimizer.param_groups[0]["lr"])
    perplexities.append((train(model, train_loader, optimizer, scheduler), evaluate(model, valid_loader)))
    writer.add_scalar("learning rate", rates[-1], epoch)
    for name, perplexity in zip(("train", "valid"), perplexities[-1], strict=True):
        writer.add_scalar(f"loss/{name}", math.log(perplexity), epoch)
        writer.add_scalar(f"perplexity/{name}", perplexity, epoch)
    print(
        f"epoch {epoch}: learning rate {rates[-1]:.5f}, "
        f"training perplexity {perplexities[-1][0]:.2f}, validation perplexity {perplexities[-1][1]:.2f}"
    )
writer.close()
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5), layout="constrained")
left.plot(range(1, epochs + 1), perplexities, label=["training", "validation"])
left.set(xlabel="epoch", ylabel="perplexity", yscale="log")
left.legend()
right.plot(range(1, epochs + 1), rates)
right.set(xlabel="epoch", ylabel="learning rate")
plt.show()
print(f"E = {emb_dim}, H = {hid_dim}, dropout {dropout}, Adam, {epochs} epochs, cosine schedule from 0.004")
print(f"Test perplexity: {evaluate(model, test_loader):.2f}")
### END SOLUTION
###############################

# %%
check("2c")

# %% [markdown]
# ## What was learnt (given, no points)
#
# The cells below look at your `model`. First, let it translate sentences of the test set that it has never seen. Here
# nobody gives it the right word before: it reads its own words.

# %% [markdown] lang="ko"
# ## 무엇을 배웠을까 (주어짐, 점수 없음)
#
# 아래의 셀들은 여러분의 `model`을 살펴봅니다. 먼저 한 번도 본 적 없는 테스트 데이터의 문장을 번역하게 해 봅시다.
# 이번에는 아무도 앞의 정답 단어를 알려 주지 않으므로, 모델은 자기가 쓴 단어를 읽습니다.


# %%
@torch.no_grad()
def translate(translator, src):
    """Sentences (B, L) -> translations (B, L): SOS, and always the word of the highest score."""
    translator.eval()
    trg = torch.full_like(src, PAD_token)
    trg[:, 0] = SOS_token
    for t in range(1, src.shape[1]):
        trg[:, t] = translator(src, trg)[:, :, t].argmax(dim=1)
    return trg


def words_of(numbers, lang):
    """The words of a row of numbers, up to its end."""
    listed = [int(number) for number in numbers if number != SOS_token]
    end = listed.index(EOS_token) if EOS_token in listed else len(listed)
    return [lang.index2word[number] for number in listed[:end]]


def show_translations(translator, pairs):
    """A table of sentences, what the model makes of them, and what a person made of them."""
    from IPython.display import HTML, display

    src, trg = (torch.stack(rows).to(device) for rows in zip(*pairs, strict=True))
    french, english = dataset.input_lang, dataset.output_lang
    columns = (src, french), (translate(translator, src), english), (trg, english)
    lines = "".join(
        "<tr>" + "".join(f"<td>{' '.join(words_of(rows[i], lang))}</td>" for rows, lang in columns) + "</tr>"
        for i in range(len(src))
    )
    display(HTML(f"<table><tr><th>French</th><th>the model</th><th>a person</th></tr>{lines}</table>"))


unseen = [parts[2][i] for i in range(min(10, len(parts[2])))]
if "model" in globals():
    show_translations(model, unseen)
else:
    print("2c is not written yet: there is no `model`")

# %% [markdown]
# Now where it looked. A row is a word that the model is about to write, a column a word of the sentence. French and
# English go much in the same order, so expect a diagonal. Where does it break? Often at a word that English has and
# French has not. What falls on PAD is lost: does your decoder leave it out?

# %% [markdown] lang="ko"
# 이번에는 모델이 어디를 보았는지 봅시다. 행은 모델이 막 쓰려는 단어이고, 열은 원문의 단어입니다. 프랑스어와 영어는
# 어순이 대체로 같으므로 대각선이 보일 것입니다. 어디에서 끊어지나요? 프랑스어에는 없고 영어에만 있는 단어에서 자주
# 끊어집니다. PAD에 간 어텐션은 버려지는 셈입니다. 여러분의 디코더는 PAD를 빼나요?


# %%
@torch.no_grad()
def attention_weights(translator, src, trg):
    """The weights (B, steps, L): softmax of the states of the decoder's LSTM times those of the encoder."""
    states = []
    hook = translator.decoder.lstm.register_forward_hook(lambda module, read, made: states.append(made[0]))
    try:
        translator.eval()(src, trg)
    finally:
        hook.remove()
    return torch.softmax(torch.cat(states, dim=1) @ translator.decoder.enc_hiddens.transpose(1, 2), dim=2)


def show_attention(translator, pairs):
    """For each sentence, the attention weights while the model translates it."""
    src = torch.stack([source for source, _ in pairs]).to(device)
    trg = translate(translator, src)
    weights = attention_weights(translator, src, trg).cpu()
    figure, all_axes = plt.subplots(1, len(pairs), figsize=(4.2 * len(pairs), 4), layout="constrained", squeeze=False)
    for axes, source, target, rows in zip(all_axes[0], src, trg, weights, strict=True):
        french = [*words_of(source, dataset.input_lang), "EOS"]
        french += ["PAD"] * (len(source) - len(french))
        english = [*words_of(target, dataset.output_lang), "EOS"][: len(rows)]
        axes.imshow(rows[: len(english)], cmap="Blues", vmin=0, vmax=1)
        axes.set_xticks(range(len(french)), french, rotation=60, ha="right")
        axes.set_yticks(range(len(english)), english)
    plt.show()


if "model" in globals():
    show_attention(model, unseen[:3])
else:
    print("2c is not written yet: there is no `model`")

# %% [markdown]
# ## To go further (no points)
#
# - Write a sentence of your own, from words that the vocabulary has, and let the model translate it. Where does it
#   fail?
# - **Beam search:** keep the five best beginnings instead of one. How often does the translation change?
# - Leave out the attention: give `fc` zeros instead of the context, and train again. Which sentences suffer, the short
#   ones or the long ones?
#
# ## Collaborators and references
#
# *Write here with whom you worked, and which pages, books or tools you used. "None" is an answer, too.*

# %% [markdown] lang="ko"
# ## 더 해 보기 (점수 없음)
#
# - 어휘에 있는 단어로 문장을 직접 써서 모델에게 번역시켜 보세요. 어디에서 실패하나요?
# - **빔 서치(beam search):** 앞부분을 하나가 아니라 가장 좋은 것 다섯 개씩 남겨 보세요. 번역이 얼마나 자주 달라지나요?
# - 어텐션을 빼 보세요. 문맥 대신 영으로 채운 벡터를 `fc`에 넣고 다시 학습시키세요. 짧은 문장과 긴 문장 가운데 어느 쪽이
#   더 나빠지나요?
#
# ## 함께한 사람과 참고 자료
#
# *여기에 누구와 함께했는지, 어떤 웹 페이지와 책, 도구를 참고했는지 쓰세요. "없음"도 답입니다.*

# %%
check.all()
