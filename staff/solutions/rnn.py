# %% [markdown]
# # Homework 4-1. Text classification with a recurrent neural network
#
# We write a recurrent neural network (RNN) from scratch and teach it to tell four kinds of news apart: 1a the
# batches, 1b the parameters, 1c the forward pass, 1d the loss, 1e training and evaluation, 1f the experiments.
#
# - Write only between the banners `IMPLEMENT YOUR CODE`. You may add helper functions and cells.
# - Keep the names and the order of parameters of what is given: the grader calls it.
# - Do not clear the outputs before you hand in: 1f is marked by them.
#
# **What right values alone do not show.** In 1a, 1c and 1d, what is right but for a batch of one earns 80 %. In 1c
# gradients have to reach every parameter (nothing is detached), or half of the points are lost. In 1e a notebook that
# calls `update()` nowhere loses a point.
#
# On Colab, put the folder of the homework on your Drive and say below where it is.

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
# Every row of AG_NEWS is a label from 1 to 4 (World, Sports, Business, Sci/Tech) and a text.
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
# One step of the network reads the embedding $x_t$ of one word and its former state:
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
# **1b [2 pts].** Write the shapes of the six parameters in `__init__`. Store each weight as it is in the
# equations, `(out, in)`, or transposed, `(in, out)`, and a bias as `(n,)`, `(n, 1)` or `(1, n)`, as your
# `forward` needs it.
#
# **1c [10 pts].** Write `forward(inputs, length)`: `(T, B)`, `(B,)` -> probabilities of the classes
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
# **1d [5 pts].** Write `compute_loss(prediction, label)`: probabilities `(B, num_class)` and labels `(B,)` -> the
# **mean** cross-entropy (a tensor, 3 pts) and the **number** of right predictions (an `int` or a tensor of one whole
# number, 2 pts).
#
# - The predictions are probabilities already, what `forward` returned.
# - **Rule:** no loss of `torch.nn` or `torch.nn.functional` (`nn.CrossEntropyLoss`, `F.nll_loss`, ...).


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
# The next cell says whether the shapes fit together. It does not look at the values.

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
# `ScheduledOptim` (given) wraps an optimizer and its learning rate: the rate grows during the first `n_warmup_steps`
# calls of `update()` and shrinks by the factor `decay_rate` at every call after that. In the two functions below you
# need `zero_grad()` and `step()`. Call `update()` once for each epoch, in `train` or in your training loop.
#
# Every batch of a loader is what `collate_batch` returns. The last one has fewer rows than the others.
#
# **`train(model, loader, scheduler)`** [3 pts] trains for one epoch. **`evaluate(model, loader)`** [2 pts] trains
# nothing, and neither drops anything out nor keeps track of gradients. Both return the mean loss **over the rows** and
# the accuracy in percent, as two numbers.


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
# ## 1f. Experiments [5 pts]
#
# Train your model. Try sizes, optimizers, learning rates and schedules, and keep what is best.
#
# - Log loss and accuracy of training and of validation to TensorBoard after every epoch: `writer.add_scalar(...)`. To
#   look at them, run `%load_ext tensorboard` and `%tensorboard --logdir runs/rnn` in a cell of your own.
# - Print the accuracy on the **test** set at the end, in a line such as `Test accuracy: 71.23 %`. It has to be above
#   70 %. What counts is what stands in the saved output of this notebook.

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

# %%
check.all()
