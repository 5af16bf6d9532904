# %% [markdown]
# # Homework 4-2. Translation with attention
#
# We write a translator from French to English: an LSTM reads the sentence (encoder), another one writes the
# translation word by word (decoder), and looks back at the sentence before each word (attention). 2a are the modules,
# 2b is the model, 2c the training.
#
# - Write only between the banners `IMPLEMENT YOUR CODE`. You may add helper functions and cells.
# - Keep the names and the order of parameters of what is given: the grader calls it.
# - Do not clear the outputs before you hand in: 2c is marked by them.
#
# **What right values alone do not show.** In 2a and 2b gradients have to reach every parameter (nothing is detached),
# or half of the points are lost. The same goes for a model that keeps something from one batch to the next. A model
# that is right but for a batch of one earns 80 %.
#
# On Colab, put the folder of the homework on your Drive and say below where it is.
#
# {{ limits }}

# %%
import os
import random
import sys

FOLDER = "/content/drive/MyDrive/hw4"  # where the folder of the homework is on your Drive
if "google.colab" in sys.modules:
    from google.colab import drive

    drive.mount("/content/drive")
    os.chdir(FOLDER)
    sys.path.append(FOLDER)

# %%
import math

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
# Write `LSTMSeq2Seq.forward(src, trg)`: sentences and translations, both `(B, L)` -> scores `(B, out_dim, L)`.
#
# - The encoder starts with a state and a cell of zeros. The decoder starts with those that the encoder ends with, and
#   every later step with those of the step before.
# - **Teacher forcing**: the scores at index `t` say which word `trg[:, t]` is. They come from a step of the decoder
#   that reads `trg[:, t - 1]`, the right word before. So no score may know the word that it has to guess. Index 0 (SOS)
#   is guessed by nobody: leave it as you like.


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
# `train` and `evaluate` (given) return the **perplexity**: $e$ to the power of the mean cross-entropy over all words of
# the translations. EOS counts as a word, PAD does not.


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
# Train your model.
#
# - Plot the perplexities (training and validation) and the learning rate over the epochs.
# - Say in a few words which hyperparameters you chose and what came out.
# - Print the perplexity on the **test** set at the end, in a line such as `Test perplexity: 5.43`. It has to be less
#   than 7. What counts is what stands in the saved output of this notebook.

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

# %%
check.all()
