# %% [markdown]
# # 2-1-2. The sentiment of film reviews (20 points)
#
# Difficulty ●●●○○, importance ●●●●○, 1 to 2 hours and the training.
#
# IMDB ([Maas et al. 2011](https://ai.stanford.edu/~amaas/data/sentiment/)) holds 50,000 reviews of films, 25,000 to
# train with and 25,000 to test with; each is positive or negative. You know how one GRU works inside. Now take
# PyTorch's, [`nn.GRU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html), stack it in layers, let it
# read the reviews, and find out which settings matter.
#
# **What to do**
#
# 1. Write a multi-layer GRU, `SentimentGRU`.
# 2. Change the given parameters, and make **at least five different configurations**.
# 3. Train a model with each of them.
# 4. Collect the results, and look at them: what helped, what did not?
# 5. Save all models with their configurations, the best one among them.
# 6. Compare them in a few sentences in `model_checkpoints/assignment2-1-2/report.md`. A template lies there. Its length
#    and its content earn nothing.
#
# **What counts** is the accuracy on the test reviews of the models that you save, measured by the grader from the
# files. The best model counts. At **88 %** or more (22,000 of 25,000) it earns all points. Below, the points follow
# from the rank in the class; models between which the test reviews show no significant difference rank equally. With
# fewer than five different models, each of those that are missing costs a fifth of the points. Two models are different
# if their configurations are (their names do not count), their weights are, and their answers to 1 % of the reviews
# are, too: a copy with a little noise is the same model.
#
# | file in `model_checkpoints/assignment2-1-2/` | holds | written by |
# |---|---|---|
# | `vocab.json` | the vocabulary, one for all models | a given cell |
# | `<config_name>.pt` | `model.state_dict()` | `save`, below |
# | `<config_name>.json` | every field of the configuration, and `optimizer`, its class's name | `save` |
# | `report.md` | your comparison | you |
#
# The grader builds your `SentimentGRU` from the configuration, loads the weights, and puts it into evaluation mode. It
# sends the test reviews in batches of 500 that are sorted by length. A review counts as positive if its logit is above
# 0. Nobody but the grader measures these points: `check("2-1-2")` below looks at the files, not at the accuracy.
#
# **May I change ...?** Every hyperparameter is yours, the batch size as well. **Tokenizer, vocabulary, maximum length
# and encoding stay as they are**, so that all models are compared fairly.
#
# **How long does it take?** On one core of a CPU, without a GPU, our five models took 25 minutes together: two layers,
# both directions, 64 values of state, 3 epochs took 7.0 minutes and got 88.24 % of the test reviews right; one layer of
# 128 values took 7.8 minutes and got 88.80 %. We did not measure Colab's GPU, which should be faster
# (*Runtime, Change runtime type*).
#
# {{ limits of 2-1-2 }}

# %% [markdown] lang="ko"
# # 2-1-2. 영화 리뷰의 감성 (20점)
#
# 난이도 ●●●○○, 중요도 ●●●●○, 1-2시간과 학습 시간.
#
# IMDB([Maas et al. 2011](https://ai.stanford.edu/~amaas/data/sentiment/))에는 영화 리뷰 50,000편이 있습니다. 25,000편은
# 학습에, 25,000편은 테스트에 쓰며, 리뷰는 각각 긍정이거나 부정입니다. GRU 하나의 속이 어떻게 되어 있는지는 이제 알고
# 있습니다. 이번에는 PyTorch의 [`nn.GRU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html)를 여러
# 층으로 쌓아 리뷰를 읽히고, 어떤 설정이 중요한지 알아봅니다.
#
# **할 일**
#
# 1. 다층 GRU인 `SentimentGRU`를 작성합니다.
# 2. 주어진 파라미터를 바꾸어 **서로 다른 설정을 적어도 다섯 개** 만듭니다.
# 3. 각 설정으로 모델을 학습시킵니다.
# 4. 결과를 모아 살펴봅니다. 무엇이 도움이 되었고, 무엇이 도움이 되지 않았나요?
# 5. 가장 좋은 모델을 포함하여 모든 모델을 설정과 함께 저장합니다.
# 6. 모델들을 `model_checkpoints/assignment2-1-2/report.md`에 몇 문장으로 비교합니다. 양식이 그곳에 있습니다. 보고서의
#    길이와 내용에는 점수가 없습니다.
#
# **점수를 정하는 것**은 여러분이 저장한 모델의 테스트 리뷰 정확도입니다. 채점기가 파일을 읽어 직접 측정합니다. 가장
# 좋은 모델로 채점합니다. 정확도가 **88 %** 이상이면(25,000편 가운데 22,000편) 만점입니다. 그보다 낮으면 수업 안에서의
# 순위에 따라 점수를 받으며, 테스트 리뷰로 보아 유의미한 차이가 없는 모델끼리는 순위가 같습니다. 서로 다른 모델이 다섯
# 개보다 적으면 모자라는 하나마다 점수의 오분의 일을 잃습니다. 설정(이름은 세지 않습니다)이 다르고, 가중치가 다르고,
# 리뷰 1 %에 대한 답까지 다를 때 두 모델은 서로 다릅니다. 복사한 뒤 잡음을 조금 더한 것은 같은 모델입니다.
#
# | `model_checkpoints/assignment2-1-2/`의 파일 | 내용 | 만드는 것 |
# |---|---|---|
# | `vocab.json` | 단어장(vocabulary). 모든 모델이 함께 씁니다 | 미리 주어진 셀 |
# | `<config_name>.pt` | `model.state_dict()` | 아래의 `save` |
# | `<config_name>.json` | 설정의 모든 필드와, 옵티마이저의 클래스 이름인 `optimizer` | `save` |
# | `report.md` | 여러분의 비교 | 여러분 |
#
# 채점기는 설정대로 여러분의 `SentimentGRU`를 만들고 가중치를 불러와 평가 모드로 바꿉니다. 그리고 테스트 리뷰를
# 길이순으로 정렬하여 500편씩 배치로 넣습니다. 로짓(logit)이 0보다 크면 긍정으로 셉니다. 이 점수는 채점기만이
# 측정합니다. 아래의 `check("2-1-2")`는 파일을 살펴볼 뿐 정확도를 재지 않습니다.
#
# **바꾸어도 되는 것.** 하이퍼파라미터는 배치 크기까지 모두 여러분이 정합니다. **토크나이저, 단어장, 최대 길이, 인코딩은
# 그대로 두세요.** 그래야 모든 모델을 공정하게 비교할 수 있습니다.
#
# **시간은 얼마나 걸리나요?** GPU 없이 CPU 코어 하나로 조교의 모델 다섯 개를 학습시키는 데 모두 25분이 걸렸습니다. 두
# 층, 양방향, 상태값 64개, 3 에포크는 7.0분이 걸려 테스트 리뷰의 88.24 %를 맞혔고, 한 층에 상태값 128개는 7.8분이 걸려
# 88.80 %를 맞혔습니다. Colab의 GPU에서는 재어 보지 않았지만 더 빠를 것입니다(*런타임, 런타임 유형 변경*).
#
# {{ limits of 2-1-2 }}

# %%
import json
import random
import textwrap
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

import data

data.install_torchtext()  # torchtext is archived; where it does not load, a stand-in takes its place

from torchtext.data.utils import get_tokenizer
from torchtext.vocab import build_vocab_from_iterator

from data import load_imdb

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
CHECKPOINTS = Path("model_checkpoints/assignment2-1-2")

# %% [markdown]
# ## The data (given: do not change it)

# %% [markdown] lang="ko"
# ## 데이터 (주어짐: 바꾸지 마세요)

# %%
tokenizer = get_tokenizer("basic_english")
MAX_LENGTH = 400  # words of a review that are read
PAD, UNK = 0, 1  # ids of the filling behind a short review, and of every word that is not in the vocabulary
MAX_WORDS = 25_000  # the most frequent words of the training reviews have an id of their own

train_reviews, test_reviews = load_imdb("train"), load_imdb("test")  # lists of (label, text); label 1 is positive
vocab = build_vocab_from_iterator(
    (tokenizer(text) for _, text in train_reviews), specials=["<pad>", "<unk>"], max_tokens=MAX_WORDS
)
vocab.set_default_index(UNK)
CHECKPOINTS.mkdir(parents=True, exist_ok=True)
(CHECKPOINTS / "vocab.json").write_text(json.dumps(vocab.get_itos(), ensure_ascii=False), encoding="utf-8")


def encode(text):
    """The ids of a review, at most MAX_LENGTH; the others are cut off behind."""
    return vocab(tokenizer(text)[:MAX_LENGTH]) or [UNK]


train_rows, test_rows = ([(encode(text), label) for label, text in rows] for rows in (train_reviews, test_reviews))
n_valid = len(train_rows) // 20
valid_rows, train_rows = train_rows[:n_valid], train_rows[n_valid:]
print(f"{len(train_rows):,} reviews to train with, {len(valid_rows):,} to validate, {len(test_rows):,} to test")


# %%
def collate(rows):
    """[(ids, label)] -> text Long (batch, length), filled up with PAD; lengths (batch,); labels float (batch,)"""
    lengths = torch.tensor([len(ids) for ids, _ in rows])
    text = torch.full((len(rows), int(lengths.max())), PAD)
    for row, (ids, _) in enumerate(rows):
        text[row, : len(ids)] = torch.tensor(ids)
    return text, lengths, torch.tensor([float(label) for _, label in rows])


class Loader:
    """Batches of reviews of similar length, which need little filling.

    With `shuffle`, reviews and batches come in another order each time; otherwise sorted by length.
    """

    def __init__(self, rows, batch_size, shuffle=False):
        self.rows, self.batch_size, self.shuffle = rows, batch_size, shuffle

    def __len__(self):
        return -(-len(self.rows) // self.batch_size)

    def __iter__(self):
        order = list(range(len(self.rows)))
        pool = len(order)
        if self.shuffle:
            random.shuffle(order)
            pool = 50 * self.batch_size  # sorting all of them would put the same reviews together in every epoch
        batches = []
        for first in range(0, len(order), pool):
            similar = sorted(order[first : first + pool], key=lambda row: len(self.rows[row][0]))
            batches += [similar[i : i + self.batch_size] for i in range(0, len(similar), self.batch_size)]
        if self.shuffle:
            random.shuffle(batches)
        for batch in batches:
            yield collate([self.rows[row] for row in batch])


# %% [markdown]
# **A small example.** Three short texts become one tensor: a row for each, filled up behind its end. Words that are not
# in the vocabulary become 1, which happens a lot with the small sample of the data.

# %% [markdown] lang="ko"
# **작은 예.** 짧은 글 세 편이 텐서 하나가 됩니다. 글마다 한 행이고, 글이 끝난 뒤는 채워집니다(패딩, padding). 단어장에
# 없는 단어는 1이 됩니다. 데이터의 작은 샘플에서는 이런 일이 많습니다.


# %%
def show_batch() -> None:
    """Print what `encode` and `collate` make of three short texts."""
    texts = ["What a film!", "Not good, not bad, but very long.", "Zzyzx."]
    text, lengths, labels = collate([(encode(one), 1) for one in texts])
    for one, ids in zip(texts, text.tolist(), strict=True):
        print(f"{one:<36}{ids}")
    print(f"text {tuple(text.shape)}, lengths {lengths.tolist()}, labels {labels.tolist()}")


show_batch()


# %%
@dataclass
class ExperimentConfig:
    """One experiment: its name, which names its files, and every hyperparameter."""

    config_name: str
    seed: int
    batch_size: int
    embed_dim: int
    hidden_dim: int
    num_layers: int
    is_bidirectional: bool
    dropout: float
    optimizer_params: dict
    epochs: int
    output_dim: int


LARGEST_MIB = 512  # of a saved model


def save(model, config, OptimizerClass):
    """Saves the weights of a trained model and its configuration, and says so if the file is too large to count."""
    path = CHECKPOINTS / f"{config.config_name}.pt"
    torch.save(model.state_dict(), path)
    settings = asdict(config) | {"optimizer": OptimizerClass.__name__}
    path.with_name(f"{config.config_name}.json").write_text(json.dumps(settings, indent=2))
    if (mib := path.stat().st_size / 2**20) > LARGEST_MIB:
        print(f"{path} has {mib:,.1f} MiB. The grader reads at most {LARGEST_MIB} MiB: make this model smaller.")


# %% [markdown]
# ## The model
#
# `SentimentGRU` reads ids `(batch, length)` and the lengths of the reviews `(batch,)`, and returns one logit for each
# review, `(batch,)` or `(batch, 1)`.
#
# ![Ids become embeddings, two layers of GRU read them forwards and backwards, the states of the real words are put
# together into one vector, and that becomes one logit; the filling behind the review is left
# out](images/sentiment_gru.svg)
#
# Behind the end of a short review there is filling: what the model makes of a review should not depend on how long the
# others in its batch are.
#
# | what | shape |
# |---|---|
# | `text` | `(batch, length)` |
# | its embedding | `(batch, length, embed_dim)` |
# | states of the last layer | `(batch, length, directions * hidden_dim)` |
# | one vector for each review | `(batch, ...)`, as you like |
# | logits | `(batch, 1)` |
#
# <details><summary>Hint: how do I leave the filling out?</summary>
#
# Two ways.
# [`pack_padded_sequence`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html)
# makes the GRU stop at each review's end (it wants the lengths on the CPU). Or compare `torch.arange(length)` with the
# lengths: that gives a mask `(batch, length)`, True at real words.
# </details>
#
# <details><summary>Hint: which state do I classify?</summary>
#
# The state after the last real word has to remember 400 words. A mean or a maximum over the states of all real words
# remembers more easily. Try each; that is one of your five configurations already, if the class has a switch for it.
# </details>
#
# <details><summary>Hint: dropout has no effect</summary>
#
# `nn.GRU(dropout=...)` drops values *between* layers only, so with one layer it does nothing. An `nn.Dropout` behind
# the embedding and before the last layer works with any number.
# </details>

# %% [markdown] lang="ko"
# ## 모델
#
# `SentimentGRU`는 번호(id) `(batch, length)`와 리뷰의 길이 `(batch,)`를 받아, 리뷰마다 로짓 하나를 `(batch,)` 또는
# `(batch, 1)`로 반환합니다.
#
# ![번호가 임베딩이 되고, GRU 두 층이 이를 앞에서 뒤로, 또 뒤에서 앞으로 읽는다. 실제 단어의 상태들이 벡터 하나로
# 모이고, 그 벡터가 로짓 하나가 된다. 리뷰 뒤의 패딩은 빠진다](images/sentiment_gru.svg)
#
# 짧은 리뷰의 끝 뒤에는 패딩이 있습니다. 모델이 리뷰 하나를 어떻게 판단하는지가 같은 배치에 있는 다른 리뷰의 길이에 따라
# 달라져서는 안 됩니다.
#
# | 무엇 | shape |
# |---|---|
# | `text` | `(batch, length)` |
# | 그 임베딩 | `(batch, length, embed_dim)` |
# | 마지막 층의 상태들 | `(batch, length, directions * hidden_dim)` |
# | 리뷰마다 벡터 하나 | `(batch, ...)`, 자유롭게 |
# | 로짓 | `(batch, 1)` |
#
# <details><summary>힌트: 패딩을 어떻게 빼나요?</summary>
#
# 두 가지 방법이 있습니다.
# [`pack_padded_sequence`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html)를
# 쓰면 GRU가 리뷰마다 그 끝에서 멈춥니다(길이는 CPU에 있어야 합니다). 또는 `torch.arange(length)`를 길이와 비교하세요.
# 그러면 실제 단어에서 True인 마스크 `(batch, length)`가 나옵니다.
# </details>
#
# <details><summary>힌트: 어떤 상태로 분류하나요?</summary>
#
# 마지막 실제 단어 뒤의 상태는 단어 400개를 기억해야 합니다. 모든 실제 단어의 상태를 평균하거나 최댓값을 취하면
# 기억하기가 더 쉽습니다. 각각 시험해 보세요. 클래스에 스위치를 두면 이것만으로도 다섯 설정 가운데 하나가 됩니다.
# </details>
#
# <details><summary>힌트: 드롭아웃이 아무 효과가 없습니다</summary>
#
# `nn.GRU(dropout=...)`은 층 *사이에서만* 값을 버리므로(드롭아웃, dropout), 층이 하나이면 아무 일도 하지 않습니다.
# 임베딩 뒤와 마지막 층 앞에 둔 `nn.Dropout`은 층이 몇 개이든 동작합니다.
# </details>


# %%
class SentimentGRU(nn.Module):
    """A GRU of one or several layers that tells positive reviews from negative ones.

    Args:
        vocab_size: number of ids.
        embed_dim: size of the embedding of a word.
        hidden_dim: size of the state of each layer and direction.
        num_layers: number of layers.
        is_bidirectional: whether every layer reads the review backwards as well.
        dropout: share of the values that training drops out.
        output_dim: number of logits, 1.
    """

    def __init__(self, vocab_size, embed_dim, hidden_dim, num_layers, is_bidirectional, dropout, output_dim):
        super().__init__()
        #####
        # IMPLEMENT YOUR CODE #
        #####
        ### BEGIN SOLUTION
        directions = 2 if is_bidirectional else 1
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=PAD)
        self.gru = nn.GRU(
            embed_dim,
            hidden_dim,
            num_layers,
            batch_first=True,
            dropout=dropout if num_layers > 1 else 0,
            bidirectional=is_bidirectional,
        )
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(2 * directions * hidden_dim, output_dim)
        ### END SOLUTION
        #####
        # END OF YOUR CODE #
        #####

    def forward(self, text, lengths):
        """Ids (batch, length) and lengths (batch,) -> logits (batch,) or (batch, 1)"""
        #####
        # IMPLEMENT YOUR CODE #
        #####
        ### BEGIN SOLUTION
        lengths = lengths.to(text.device)
        states, _ = self.gru(self.dropout(self.embedding(text)))  # (batch, length, directions * hidden_dim)
        inside = (torch.arange(text.shape[1], device=text.device) < lengths[:, None])[..., None]
        mean = (states * inside).sum(1) / lengths[:, None]
        largest = states.masked_fill(~inside, float("-inf")).amax(1)
        return self.output(self.dropout(torch.cat([mean, largest], 1)))
        ### END SOLUTION
        #####
        # END OF YOUR CODE #
        #####


# %% [markdown]
# ## Overfit one batch (given, no points)
#
# Before a long run, a short one: a small model of your class sees the same 16 reviews again and again. *What you should
# see:* the loss starts near 0.69, which is $\ln 2$, the loss of a coin. It ends below 0.1. If it stays at 0.69, the
# gradient does not reach the weights, or the reviews do not reach the logit. No longer run would mend that.

# %% [markdown] lang="ko"
# ## 배치 하나에 과적합시키기 (주어짐, 점수 없음)
#
# 오래 학습하기 전에 짧게 먼저 해 봅시다. 여러분의 클래스로 만든 작은 모델이 같은 리뷰 16편을 보고 또 봅니다. *이런
# 결과가 나와야 합니다.* 손실은 0.69 근처에서 시작합니다. 동전 던지기의 손실인 $\ln 2$입니다. 그리고 0.1 아래에서
# 끝납니다. 계속 0.69에 머문다면 그래디언트가 가중치에 도달하지 않거나, 리뷰가 로짓에 도달하지 않는 것입니다. 더 오래
# 학습해도 나아지지 않습니다.


# %%
def overfit_one_batch(steps: int = 20) -> None:
    """Print the loss of a small `SentimentGRU` while it learns 16 reviews by heart."""
    rows = [(ids[:100], label) for ids, label in train_rows[:16]]
    text, lengths, labels = (one.to(DEVICE) for one in collate(rows))
    try:
        model = SentimentGRU(len(vocab), 32, 32, 1, True, 0.0, 1).to(DEVICE)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
        for step in range(steps + 1):
            loss = F.binary_cross_entropy_with_logits(model(text, lengths).reshape(-1), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 10 == 0:
                print(f"step {step}: loss {loss.item():.3f}")
    except NotImplementedError as error:
        print(error)


overfit_one_batch()

# %% [markdown]
# ## Experiments
#
# Train at least five models with different configurations, and save each with `save`. The configuration below is one
# that reaches 88 % with a sound model. Show a progress bar ([`tqdm`](https://tqdm.github.io)) while a model trains, and
# log loss and accuracy of training and of validation to
# [TensorBoard](https://docs.pytorch.org/docs/stable/tensorboard.html), in the folder `runs/imdb/<config_name>`. A cell
# below draws these curves. Colab may stop you: save each model as soon as it is trained.
#
# <details><summary>Hint: which five?</summary>
#
# Change one thing at a time, and you learn what it does: the number of layers, one direction or both, `hidden_dim`,
# `dropout`, the learning rate. Decide by the validation reviews which model is best. Whoever decides by the test
# reviews fools themselves a little.
# </details>
#
# <details><summary>Hint: the loss jumps, or becomes nan</summary>
#
# Recurrent networks have large gradients now and then.
# [`clip_grad_norm_`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html) to a norm of 1
# costs one line. A learning rate that falls towards the end helps, too.
# </details>

# %% [markdown] lang="ko"
# ## 실험
#
# 서로 다른 설정으로 모델을 적어도 다섯 개 학습시키고, 하나하나 `save`로 저장하세요. 아래의 설정은 모델이 제대로 되어
# 있으면 88 %에 도달하는 것입니다. 모델이 학습하는 동안 진행 막대([`tqdm`](https://tqdm.github.io))를 보이고, 학습과
# 검증의 손실과 정확도를 `runs/imdb/<config_name>` 폴더에
# [TensorBoard](https://docs.pytorch.org/docs/stable/tensorboard.html) 기록으로 남기세요. 아래의 셀이 그 곡선을
# 그립니다. Colab이 도중에 멈출 수 있으니 모델은 학습이 끝나는 대로 저장하세요.
#
# <details><summary>힌트: 어떤 다섯 개를 고를까요?</summary>
#
# 한 번에 하나씩만 바꾸면 그것이 어떤 일을 하는지 알 수 있습니다. 층의 수, 단방향과 양방향, `hidden_dim`, `dropout`,
# 학습률을 바꾸어 보세요. 어떤 모델이 가장 좋은지는 검증 리뷰로 정하세요. 테스트 리뷰로 정하는 것은 자신을 조금 속이는
# 일입니다.
# </details>
#
# <details><summary>힌트: 손실이 널뛰거나 nan이 됩니다</summary>
#
# 순환 신경망의 그래디언트는 가끔 아주 커집니다. 크기(norm)를 1로 제한하는
# [`clip_grad_norm_`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html)은 한 줄이면
# 됩니다. 끝으로 갈수록 작아지는 학습률도 도움이 됩니다.
# </details>

# %%
OptimizerClass = torch.optim.Adam  # <----- set this parameter
optimizer_params = {"lr": 3e-3}  # <----- set this parameter

model_config = ExperimentConfig(
    config_name="gru",  # <----- names the files of the model
    #
    seed=1,  # <----- set this parameter
    #
    batch_size=64,  # <----- set this parameter
    #
    embed_dim=128,  # <----- set this parameter
    hidden_dim=64,  # <----- set this parameter
    num_layers=2,  # <----- set this parameter
    is_bidirectional=True,  # <----- set this parameter
    dropout=0.3,  # <----- set this parameter
    optimizer_params=optimizer_params,
    #
    epochs=3,  # <----- set this parameter
    #
    output_dim=1,
)

# %%
#####
# IMPLEMENT YOUR CODE #
#####
### BEGIN SOLUTION
from dataclasses import replace

configs = [
    model_config,
    replace(model_config, config_name="gru-one-layer", num_layers=1, hidden_dim=128),
    replace(model_config, config_name="gru-one-direction", is_bidirectional=False, epochs=2),
    replace(model_config, config_name="gru-narrow", embed_dim=64, hidden_dim=32, batch_size=128, epochs=2),
    replace(model_config, config_name="gru-more-dropout", hidden_dim=48, dropout=0.5, batch_size=128, epochs=2),
]


def run(model, loader, optimizer=None, scheduler=None, title=""):
    """One pass over a loader, which trains if there is an optimizer -> mean loss, accuracy in percent"""
    model.train(optimizer is not None)
    total_loss, right = 0.0, 0
    with torch.set_grad_enabled(optimizer is not None):
        for text, lengths, labels in tqdm(loader, desc=title, leave=False, mininterval=10):
            labels = labels.to(DEVICE)
            logits = model(text.to(DEVICE), lengths.to(DEVICE)).squeeze(1)
            loss = F.binary_cross_entropy_with_logits(logits, labels)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                scheduler.step()
            total_loss += loss.item() * len(labels)
            right += ((logits > 0) == (labels > 0.5)).sum().item()
    return total_loss / len(loader.rows), 100 * right / len(loader.rows)


def train(config):
    """Trains one model and saves it; the lines of its log, one for each epoch."""
    random.seed(config.seed)
    torch.manual_seed(config.seed)
    model = SentimentGRU(
        len(vocab), config.embed_dim, config.hidden_dim, config.num_layers, config.is_bidirectional, config.dropout,
        config.output_dim,
    ).to(DEVICE)  # fmt: skip
    loader = Loader(train_rows, config.batch_size, shuffle=True)
    optimizer = OptimizerClass(model.parameters(), **config.optimizer_params)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.optimizer_params["lr"], epochs=config.epochs, steps_per_epoch=len(loader), pct_start=0.1
    )
    writer, lines, started = SummaryWriter(f"runs/imdb/{config.config_name}"), [], time.monotonic()
    for epoch in range(1, config.epochs + 1):
        loss, accuracy = run(model, loader, optimizer, scheduler, f"{config.config_name}, epoch {epoch}")
        valid_loss, valid_accuracy = run(model, Loader(valid_rows, 500))
        for name, value in {
            "loss/train": loss, "accuracy/train": accuracy, "loss/valid": valid_loss, "accuracy/valid": valid_accuracy,
        }.items():  # fmt: skip
            writer.add_scalar(name, value, epoch)
        lines.append(
            f"{config.config_name}, epoch {epoch} of {config.epochs}: "
            f"training loss {loss:.3f} accuracy {accuracy:.2f} %, "
            f"validation loss {valid_loss:.3f} accuracy {valid_accuracy:.2f} %, {time.monotonic() - started:.0f} s"
        )
    writer.close()
    save(model, config, OptimizerClass)
    return lines


for config in configs:
    log = Path("runs/imdb") / f"{config.config_name}.log"
    if not log.exists():  # what a former run has finished need not be trained again
        lines = train(config)
        log.write_text("\n".join(lines))
    print(log.read_text())
### END SOLUTION
#####
# END OF YOUR CODE #
#####

# %% [markdown]
# ## What was saved (given)
#
# The next cell looks at the files as the grader does: it builds each model from its configuration, loads its weights
# and counts the right answers.

# %% [markdown] lang="ko"
# ## 저장한 것 (주어짐)
#
# 다음 셀은 채점기와 똑같이 파일을 살펴봅니다. 각 모델을 설정대로 만들고, 가중치를 불러와, 맞힌 답을 셉니다.


# %%
def saved_model(path):
    """A saved model, in evaluation mode."""
    settings = json.loads(path.with_suffix(".json").read_text())
    names = ("embed_dim", "hidden_dim", "num_layers", "is_bidirectional", "dropout", "output_dim")
    model = SentimentGRU(len(vocab), *(settings[name] for name in names)).to(DEVICE)
    model.load_state_dict(torch.load(path, map_location=DEVICE, weights_only=True))
    return model.eval()


@torch.no_grad()
def answers(model, rows):
    """[(logit, label, ids)] for each review, the shortest first."""
    reviews = []
    for text, lengths, labels in Loader(rows, 500):
        logits = model(text.to(DEVICE), lengths.to(DEVICE)).reshape(-1).cpu()
        words = (ids[:length] for ids, length in zip(text.tolist(), lengths.tolist(), strict=True))
        reviews += zip(logits.tolist(), labels.tolist(), words, strict=True)
    return reviews


def accuracy_of(model, rows):
    """The share of reviews that a model gets right, in percent"""
    return 100 * sum((logit > 0) == (label > 0.5) for logit, label, _ in answers(model, rows)) / len(rows)


for path in sorted(CHECKPOINTS.glob("*.pt")):
    print(f"{path.stem}: test accuracy {accuracy_of(saved_model(path), test_rows):.2f} %")

# %%
check("2-1-2")

# %% [markdown]
# ## What was learnt (given, no points)
#
# First the curves, from what you logged to TensorBoard; dashed lines are training. *What to look for:* where the
# validation loss turns up again while the training loss falls, the model begins to learn its reviews by heart.

# %% [markdown] lang="ko"
# ## 무엇을 배웠을까 (주어짐, 점수 없음)
#
# 먼저 여러분이 TensorBoard에 기록한 값의 곡선입니다. 점선은 학습입니다. *눈여겨볼 것.* 학습 손실은 내려가는데 검증
# 손실이 다시 올라가기 시작하는 곳에서, 모델은 리뷰를 외우기 시작합니다.


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


show_curves("runs/imdb")

# %% [markdown]
# Then your model that is best on the validation reviews: which it confuses, and its worst mistakes, as the model reads
# them. Some of them you would get wrong, too.

# %% [markdown] lang="ko"
# 다음은 검증 리뷰에서 가장 좋았던 여러분의 모델입니다. 무엇을 혼동하는지, 그리고 가장 심하게 틀린 리뷰를 모델이 읽는
# 모습 그대로 보여 줍니다. 그 가운데에는 여러분도 틀릴 만한 것이 있습니다.


# %%
def best_saved():
    """The saved model with the highest accuracy on the validation reviews and its name, or None and "" """
    paths = sorted(CHECKPOINTS.glob("*.pt"))
    if not paths:
        print(f"no model is saved in {CHECKPOINTS} yet")
        return None, ""
    models = {path.stem: saved_model(path) for path in paths}
    name = max(models, key=lambda name: accuracy_of(models[name], valid_rows))
    return models[name], name


def show_mistakes(model, name, count=3):
    """Prints the confusion of a model on the validation reviews, and the reviews that it is surest about and wrong."""
    reviews = answers(model, valid_rows)
    print(f"{name}, the best on {len(reviews):,} validation reviews\n{'says negative':>28}{'says positive':>17}")
    for label, word in enumerate(("is negative", "is positive")):
        says = [logit > 0 for logit, true, _ in reviews if true == label]
        print(f"{word}{len(says) - sum(says):>17}{sum(says):>17}")
    wrong = sorted((one for one in reviews if (one[0] > 0) != (one[1] > 0.5)), key=lambda one: -abs(one[0]))
    for logit, label, ids in wrong[:count]:
        print(f"\nlogit {logit:+.1f}, but it is {'positive' if label else 'negative'}:")
        print(textwrap.fill(" ".join(vocab.lookup_tokens(ids[:80])), 100))


best_model, best_name = best_saved()
if best_model is not None:
    show_mistakes(best_model, best_name)

# %% [markdown]
# Last, watch it change its mind. The picture shows the logit after each word. Put in a review of your own.

# %% [markdown] lang="ko"
# 마지막으로, 모델이 생각을 바꾸는 모습을 보세요. 그림은 단어를 하나 읽을 때마다 로짓이 어떻게 되는지 보여 줍니다.
# 여러분이 쓴 리뷰도 넣어 보세요.

# %%
REVIEW = (
    "I nearly walked out, for the first half is slow and predictable. But then it becomes superb, and I loved the end."
)


@torch.no_grad()
def show_opinion(model, review):
    """Draws the logit of a model after each word of a review."""
    ids = encode(review)
    text, lengths, _ = collate([(ids[: end + 1], 0) for end in range(len(ids))])
    logits = model(text.to(DEVICE), lengths.to(DEVICE)).reshape(-1).tolist()
    plt.figure(figsize=(12, 3))
    plt.bar(range(len(ids)), logits, color=["tab:green" if logit > 0 else "tab:red" for logit in logits])
    plt.xticks(range(len(ids)), vocab.lookup_tokens(ids), rotation=90)
    plt.ylabel("logit so far")
    plt.show()


if best_model is not None:
    show_opinion(best_model, REVIEW)

# %% [markdown]
# ## To go further (no points)
#
# How much of a review is in the order of its words? Shuffle the words of each validation review, and measure your best
# model again. Then train a model without any GRU, on the mean of the embeddings alone. The difference between the
# three is what the recurrence is worth.
#
# ## Collaborators and references
#
# *Write here with whom you worked, and which pages, books or tools you used. "None" is an answer, too.*

# %% [markdown] lang="ko"
# ## 더 해 보기 (점수 없음)
#
# 리뷰의 내용은 단어의 순서에 얼마나 들어 있을까요? 각 검증 리뷰의 단어를 섞고, 가장 좋은 모델로 다시 측정해 보세요.
# 그다음 GRU 없이 임베딩의 평균만으로 모델을 학습시켜 보세요. 이 셋의 차이가 순환 구조의 값어치입니다.
#
# ## 함께한 사람과 참고 자료
#
# *여기에 누구와 함께했는지, 어떤 웹 페이지와 책, 도구를 참고했는지 쓰세요. "없음"도 답입니다.*

# %%
check.all()
