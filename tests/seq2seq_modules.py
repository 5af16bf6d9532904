"""Makes the modules of hw4_seq2seq.ipynb with the parameters of a case, and calls them however they want it."""

from typing import Any, NamedTuple, NoReturn

import torch
from seq2seq_laws import broken_law, minds_filling
from seq2seq_mistakes import MODEL, STEP
from seq2seq_scores import scores_name
from torch import Tensor

from autograder.checks import Case, Handle, Mismatch, StudentError, assign, expect, join, say

# What the notebook's own cells would give, by the names that modules use from outside of them.
GIVEN = """
import torch

class Lang:
    def __init__(self, name, n_words):
        self.name, self.n_words = name, n_words
        words = [f"{{name}}{{number}}" for number in range(3, n_words)]
        self.index2word = dict(enumerate(["SOS", "EOS", "PAD", *words]))
        self.word2index = {{word: number for number, word in enumerate(words, 3)}}
        self.word2count = dict.fromkeys(words, 1)

class TranslateDataset(torch.utils.data.Dataset):
    def __init__(self):
        self.input_lang, self.output_lang = Lang("fra", in_dim), Lang("eng", out_dim)
        self.length = MAX_LENGTH + 1
        self.pairs = list(zip(self.input_lang.word2index, self.output_lang.word2index))

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, index):
        source, target = self.pairs[index]
        return self.row(self.input_lang, source), self.row(self.output_lang, target, [0])

    def row(self, lang, sentence, start=()):
        numbers = [*start, *(lang.word2index[word] for word in sentence.split()), 1]
        return torch.tensor((numbers + [2] * self.length)[: self.length])

in_dim, out_dim, emb_dim, hid_dim = {sizes}
device = DEVICE = torch.device("cpu")
MAX_LENGTH = {length} - 1
BATCH_SIZE = {batch}
dataset = TranslateDataset()
"""
NAMES = ("in_dim", "out_dim", "emb_dim", "hid_dim", "device", "DEVICE", "MAX_LENGTH", "BATCH_SIZE", "dataset")


def give(student: Any, case: Case) -> None:
    """Supplies the notebook's globals with the sizes of the case."""
    sizes, _, (src, _), *_ = case.inputs
    source = GIVEN.format(sizes=sizes, length=src.shape[1], batch=src.shape[0])
    student.given(**dict.fromkeys(NAMES, source))


class Made(NamedTuple):
    """A module, and the values of its parameters by what it calls them."""

    module: Handle
    values: dict[str, Tensor]


def make(student: Any, case: Case, name: str, part: str, *arguments: Any) -> Made:
    """The module of this name with the parameters that the case has for a part of the model, "" for all of it."""
    module = expect.module(name, getattr(student, name)(*arguments))
    own = {key.removeprefix(part): value for key, value in case.inputs[1].items() if key.startswith(part)}
    try:
        places = assign(name, module, own)
    except Mismatch as misfit:
        _judge_by_laws(name, module, case, misfit)
    module.eval()
    return Made(module, {place: own[role] for role, place in places.items()})


def _judge_by_laws(name: str, module: Handle, case: Case, misfit: Mismatch) -> NoReturn:
    """Leaves a module whose layers are not those of the handout to a person, but for a model that breaks a law.

    The layers may be those of another edition, which no case can give parameters to. Raises Mismatch, Ungraded.
    """
    said: str = ""
    if name == "LSTMSeq2Seq":
        module.eval()
        words = case.outputs["scores"].shape[1]
        src, trg = case.inputs[2]
        broken = broken_law(module, src, trg, words)
        broken = broken or ("filled up sentences" if minds_filling(module, src, trg) else "")
        if broken:
            expect.raise_mistake("LSTMSeq2Seq", broken, MODEL, expect.with_the(case))
        said = say("with its own parameters it obeys every law of a translator")
    by_hand = say("{name} has to be marked by hand: its layers are not those of the handout", name=name)
    expect.ungraded(join(filter(None, [by_hand, *misfit.lines[1:3], said])), "unknown layers")


def make_model(student: Any, case: Case) -> Made:
    """LSTMSeq2Seq with the parameters of the case."""
    (in_dim, out_dim, emb_dim, hid_dim), *_ = case.inputs
    return make(student, case, "LSTMSeq2Seq", "", in_dim, out_dim, emb_dim, hid_dim, torch.device("cpu"), 0.0)


def model_name(got: Any, case: Case) -> str | None:
    """By which mistakes what a model returned is what it is; "" for right scores, None for unknown ones.

    Raises Mismatch for another shape than (B, out_dim, L), or that without index 0, which is a known mistake.
    """
    batch, words, length = case.outputs["scores"].shape
    if not isinstance(got, Tensor) or got.shape not in ((batch, words, length + 1), (batch, words, length)):
        look_at = "forward returns one tensor, with the words as its second axis: permute moves axes"
        shape = (batch, words, length + 1)
        expect.shape("LSTMSeq2Seq(...)(src, trg)", got, shape, dims="(B, out_dim, L)", look_at=look_at)
    return scores_name(got, case)


def works_in_the_model(student: Any, case: Case) -> bool:
    """Whether encoder and decoder do their part in the student's own LSTMSeq2Seq, which may be wrong in other ways."""
    try:
        name = model_name(make_model(student, case).module(*case.inputs[2]), case)
    except (Mismatch, expect.Ungraded):
        return False
    except StudentError as error:
        if error.ended:
            raise
        return False
    return name is not None and not {*name.split(" + ")} & STEP.keys()


def first_that_works(module: Handle, *attempts: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...], StudentError | None]:
    """What a module returns for the first arguments that it takes, these, and the error of the very first, if any.

    Raises StudentError if it says nothing about the arguments.
    """
    first: StudentError | None = None
    for arguments in attempts:
        try:
            return module(*arguments), arguments, first
        except StudentError as error:
            if error.diagnosis != "error":
                raise
            first = first or error
    return None, (), first
