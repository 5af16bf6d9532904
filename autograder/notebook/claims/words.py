"""The words of labels and identifiers, in one vocabulary: "valAcc" and "validation accuracy" say the same."""

import re

ACCURACY, PERPLEXITY, LOSS, RATE, EPOCH = "accuracy", "perplexity", "loss", "rate", "epoch"
TRAIN, VALID, TEST = "train", "valid", "test"
SPLITS = frozenset({TRAIN, VALID, TEST})

_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[가-힣]+")
_HELD_OUT = re.compile(r"(?<![a-z])h[eo]ld[-_ ]?out(?![a-z])", re.IGNORECASE)
_VOCABULARY = {
    ACCURACY: "acc accu accs accuracies accuracy",
    PERPLEXITY: "perplexity perplexities perplex ppl ppls ppx",
    LOSS: "loss losses nll",
    RATE: "rate rates lr lrs",
    EPOCH: "epoch epochs ep eps epoche",
    TRAIN: "train training trn",
    VALID: "valid validation validate val dev development",
    TEST: "test testing tests tested tst heldout",
    "time": "time times elapsed sec secs seconds min minutes",
}
_MEANING = {word: meaning for meaning, listed in _VOCABULARY.items() for word in listed.split()}
# Korean puts particles behind a word.
_KOREAN = {
    "정확도": ACCURACY, "퍼플렉": PERPLEXITY, "혼란도": PERPLEXITY, "손실": LOSS, "학습률": RATE, "에폭": EPOCH,
    "에포크": EPOCH, "테스트": TEST, "시험": TEST, "검증": VALID, "시간": "time",
    "학습된": "trained", "훈련된": "trained", "학습": TRAIN, "훈련": TRAIN,
}  # fmt: skip
_JOINED = re.compile(r"(train|valid|val|dev|test)(acc|accuracy|loss|ppl|perplexity|loader|iter|set|data)s?")


def listed(text: str) -> frozenset[str]:
    """The words of a list, as they are."""
    return frozenset(text.split())


def words(text: str) -> list[str]:
    """The words of a text in lower case, identifiers taken apart, those of the vocabulary by their meaning."""
    found: list[str] = []
    for piece in _PIECE.findall(_HELD_OUT.sub("heldout", text)):
        lower = piece.lower()
        joined = _JOINED.fullmatch(lower)
        found += [_meaning(part) for part in (joined.groups() if joined else [lower])]
    return found


def _meaning(word: str) -> str:
    if word in _MEANING or word.isascii():
        return _MEANING.get(word, word)
    return next((meaning for start, meaning in _KOREAN.items() if word.startswith(start)), word)
