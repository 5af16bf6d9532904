# %% [markdown]
# # 2-1-2. The sentiment of film reviews (20 points)
#
# IMDB holds 50,000 reviews of films, 25,000 to train with and 25,000 to test with; each is positive or negative. Write
# a multi-layer GRU with PyTorch's own `nn.GRU`, train it with **at least five different configurations**, save all of
# them, and compare them in a few sentences in `model_checkpoints/assignment2-1-2/report.md` (its length and its content
# earn nothing).
#
# **What counts** is the accuracy on the test reviews of the models that you save, measured by the grader from the
# files. The best model counts. At **88 %** or more (22,000 of 25,000) it earns all points. Below, the points follow
# from the rank in the class; models between which the test reviews show no significant difference rank equally. With
# fewer than five different models, each of those that are missing costs a fifth of the points. Two models are different
# if their configurations are (their names do not count), their weights are, and their answers to 1 % of the reviews
# are, too: a copy with a little noise is the same model.
#
# | file in `model_checkpoints/assignment2-1-2/` | holds |
# |---|---|
# | `vocab.json` | the vocabulary, one for all models; written below |
# | `<config_name>.pt` | `model.state_dict()` |
# | `<config_name>.json` | every field of the configuration, and `optimizer`, the name of the optimizer's class |
# | `report.md` | your comparison |
#
# `save` below writes the second and third. The grader builds your `SentimentGRU` from the configuration, loads the
# weights, and puts it into evaluation mode. It sends the test reviews in batches of 500 that are sorted by length. A
# review counts as positive if its logit is above 0.
#
# Every hyperparameter is yours. **Tokenizer, vocabulary, maximum length and encoding stay as they are**, so that all
# models are compared fairly.
#
# On Colab, put the folder of the assignment on your Drive and say below where it is.
#
# {{ limits of 2-1-2 }}

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
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path

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


def save(model, config, OptimizerClass):
    """Saves the weights of a trained model and its configuration."""
    torch.save(model.state_dict(), CHECKPOINTS / f"{config.config_name}.pt")
    settings = asdict(config) | {"optimizer": OptimizerClass.__name__}
    (CHECKPOINTS / f"{config.config_name}.json").write_text(json.dumps(settings, indent=2))


# %% [markdown]
# ## The model
#
# `SentimentGRU` reads ids `(batch, length)` and the lengths of the reviews `(batch,)`, and returns one logit for each
# review, `(batch,)` or `(batch, 1)`. Behind the end of a short review there is filling: what the model makes of a
# review should not depend on how long the others in its batch are.


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
# ## Experiments
#
# Train at least five models with different configurations, and save each with `save`. The configuration below is one
# that reaches 88 % with a sound model. Show a progress bar (`tqdm`) while a model trains, and log loss and accuracy of
# training and of validation to TensorBoard. To look at the curves, run `%load_ext tensorboard` and
# `%tensorboard --logdir runs/imdb` in a cell of your own.

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


# %%
@torch.no_grad()
def accuracy_of_saved(path):
    """The share of test reviews that a saved model gets right, in percent"""
    settings = json.loads(path.with_suffix(".json").read_text())
    names = ("embed_dim", "hidden_dim", "num_layers", "is_bidirectional", "dropout", "output_dim")
    model = SentimentGRU(len(vocab), *(settings[name] for name in names)).to(DEVICE)
    model.load_state_dict(torch.load(path, map_location=DEVICE, weights_only=True))
    model.eval()
    right = 0
    for text, lengths, labels in Loader(test_rows, 500):
        logits = model(text.to(DEVICE), lengths.to(DEVICE)).reshape(-1).cpu()
        right += ((logits > 0) == (labels > 0.5)).sum().item()
    return 100 * right / len(test_rows)


for path in sorted(CHECKPOINTS.glob("*.pt")):
    print(f"{path.stem}: test accuracy {accuracy_of_saved(path):.2f} %")

# %%
check("2-1-2")

# %%
check.all()
