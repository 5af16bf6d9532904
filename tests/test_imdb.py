"""The check of assignment 2-1-2: the saved GRU models, measured on the test reviews of IMDB."""

import torch
from imdb_changes import rows_to_change
from imdb_reviews import MAX_LENGTH, MAX_WORDS, Reviews, tokenizer

from autograder.checks import (
    Checkpoint,
    Handle,
    Student,
    StudentError,
    TestSet,
    attempt,
    expect,
    join,
    outside_layers,
    question,
    say,
)

ARGUMENTS: dict[str, type | tuple[type, ...]] = {  # of SentimentGRU, behind vocab_size
    "embed_dim": int,
    "hidden_dim": int,
    "num_layers": int,
    "is_bidirectional": bool,
    "dropout": (int, float),
    "output_dim": int,
}
OTHERS: dict[str, type] = {
    "config_name": str,
    "seed": int,
    "batch_size": int,
    "optimizer_params": dict,
    "epochs": int,
    "optimizer": str,
}
# The vocabulary turns words into themselves, so that what `encode` returns tells which words it has read.
VOCABULARY = "def vocab(words): return list(words)"
PROBE = "Well, it's GREAT!<br />Isn't it?  " * 90


@question("2-1-2", points=20)
def test_imdb(student: Student, checkpoint: Checkpoint, data: TestSet) -> torch.Tensor:
    """Which test reviews the saved model classifies rightly, True or False (reviews,)."""
    file = f"{checkpoint.name}.pt"
    weights = checkpoint.tensors(file)
    config = _config(checkpoint)
    vocabulary = _vocabulary(checkpoint)
    model = expect.module("SentimentGRU", student.SentimentGRU(len(vocabulary), *(config[name] for name in ARGUMENTS)))
    if problem := model.restore(weights):
        raise checkpoint.wrong(
            file, "does not fit SentimentGRU", problem, expect.to_look_at("the configuration beside it")
        )
    model.eval()
    right = _right(model, Reviews(data, vocabulary))
    if not any(entry.kind.endswith("GRU") for entry in model.inventory()):
        checkpoint.flags.append("SentimentGRU holds no nn.GRU")
    if strays := outside_layers(model, weights):
        checkpoint.flags.append(f"{checkpoint.name}: in no layer of the model: {', '.join(sorted(strays))}"[:300])
    checkpoint.flags += _changed_encoding(student)
    rows = torch.from_numpy(rows_to_change(len(right)))
    checkpoint.try_changed(right[rows], lambda: _right(model, Reviews(data, vocabulary, changed=True)))
    return right


def _right(model: Handle, reviews: Reviews) -> torch.Tensor:
    """Which of the reviews a model classifies rightly, True or False (reviews,)."""
    positive = torch.zeros(len(reviews.labels), dtype=torch.bool)
    for rows, text, lengths in reviews.batches():
        positive[rows] = _one_logit(model.infer(text, lengths), len(rows)) > 0
    return positive == (reviews.labels == 1)


def _config(checkpoint: Checkpoint) -> dict[str, object]:
    file = f"{checkpoint.name}.json"
    config = checkpoint.json(file)
    if not isinstance(config, dict):
        raise checkpoint.wrong(file, "is no configuration", "expected: an object with a value for every field")
    for name, kind in (ARGUMENTS | OTHERS).items():
        value = config.get(name)
        if name not in config or not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            expected = say("a number") if kind == (int, float) else getattr(kind, "__name__", "")
            got = repr(value)[:60] if name in config else say("no such key")
            raise checkpoint.wrong(
                file,
                say("lacks a value of {name}", name=name),
                say("expected: {what}", what=join([name, expected], ", ")),
                say("got: {what}", what=got),
            )
    checkpoint.settings = {name: config[name] for name in (ARGUMENTS | OTHERS) if name != "config_name"}
    return config


def _vocabulary(checkpoint: Checkpoint) -> list[str]:
    words = checkpoint.json("vocab.json")
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words) or len(set(words)) < len(words):
        raise checkpoint.wrong(
            "vocab.json", "is no vocabulary", "expected: a list of different words, in the order of ids"
        )
    if words[:2] != ["<pad>", "<unk>"] or len(words) > MAX_WORDS:
        raise checkpoint.wrong(
            "vocab.json",
            "is not the vocabulary of the notebook",
            say("expected: <pad>, <unk> and at most {count:,} words behind them", count=MAX_WORDS - 2),
            say("got: {count:,} words that begin with {words}", count=len(words), words=", ".join(words[:2])[:80]),
        )
    return words


def _one_logit(value: object, batch: int) -> torch.Tensor:
    """The logits of a batch (batch,), whichever of the two allowed shapes they have."""
    if not isinstance(value, torch.Tensor) or value.shape not in ((batch,), (batch, 1)):
        expect.shape(say("what forward returns"), value, (batch, 1), dims="(batch, 1)", look_at="SentimentGRU.forward")
    assert isinstance(value, torch.Tensor)
    expect.that(
        bool(value.isfinite().all()), "some logits are not finite", diagnosis="not finite", look_at="the saved weights"
    )
    return value.reshape(batch)


def _changed_encoding(student: Student) -> list[str]:
    """What a teaching assistant should know about the notebook's own `encode`; the grader uses its own."""
    student.given(vocab=VOCABULARY)
    words = attempt(student.encode, PROBE)
    if isinstance(words, StudentError):
        return [f"the given function encode does not work any more: {words}"[:160]]
    return [] if words == tokenizer(PROBE)[:MAX_LENGTH] else ["the tokenizer or MAX_LENGTH was changed"]
