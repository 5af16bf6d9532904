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

# %%
check.all()
