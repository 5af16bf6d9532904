"""Sentence pairs and vocabularies for the seq2seq notebook, prepared as in PyTorch's translation tutorial."""

import re
import unicodedata
from pathlib import Path

from data.eng_fra import load_eng_fra

__all__ = ["EOS_token", "Lang", "MAX_LENGTH", "PAD_token", "SOS_token", "is_kept", "normalize", "prepareData"]

SOS_token = 0  # the decoder's first input
EOS_token = 1  # ends every sentence
PAD_token = 2  # fills a batch behind the shorter sentences; it is no word of any sentence
MAX_LENGTH = 10

# English sentences that are kept begin like this once normalised: an apostrophe has become a space.
ENGLISH_BEGINNINGS = ("i am ", "i m ") + tuple(
    f"{subject} {verb}"
    for subjects, verbs in ((("he", "she"), ("is", "s ")), (("you", "we", "they"), ("are", "re ")))
    for subject in subjects
    for verb in verbs
)


class Lang:
    """The vocabulary of one language: an index for every word, and how often each occurred.

    Indices 0, 1 and 2 are SOS, EOS and PAD; words follow in the order of their first occurrence. `n_words` counts the
    three as well, so it is the size that an embedding needs.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.index2word = {SOS_token: "SOS", EOS_token: "EOS", PAD_token: "PAD"}
        self.word2index: dict[str, int] = {}
        self.word2count: dict[str, int] = {}
        self.n_words = len(self.index2word)

    def addSentence(self, sentence: str) -> None:
        """Counts the words of a normalised sentence, which are parted by spaces."""
        for word in sentence.split():
            self.addWord(word)

    def addWord(self, word: str) -> None:
        """Counts one word, and gives it the next index if it is new."""
        if word not in self.word2index:
            self.word2index[word] = self.n_words
            self.index2word[self.n_words] = word
            self.n_words += 1
        self.word2count[word] = self.word2count.get(word, 0) + 1


def normalize(text: str) -> str:
    """Lower case without accents; `.`, `!` and `?` are tokens of their own, and all else but a to z is a space."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    plain = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    return " ".join(re.findall(r"[a-z]+|[.!?]", plain))


def prepareData(
    lang1: str,
    lang2: str,
    max_length: int = MAX_LENGTH,
    reverse: bool = False,
    directory: str | Path | None = None,
) -> tuple[Lang, Lang, list[list[str]]]:
    """The vocabularies of the input and the output language, and the pairs [input sentence, output sentence].

    Kept are the pairs of `is_kept`. lang1 is "eng" and lang2 "fra": English is the input, with `reverse` French is.
    Where the pairs come from, see `data.fetch.locate`. Raises MissingData, and ValueError for other languages.
    """
    if (lang1, lang2) != ("eng", "fra"):
        raise ValueError(f"there are pairs of 'eng' and 'fra' only, not of {lang1!r} and {lang2!r}")
    everything = [(normalize(english), normalize(french)) for english, french in load_eng_fra(directory)]
    kept = [(english, french) for english, french in everything if is_kept(english, french, max_length)]
    pairs = [[french, english] if reverse else [english, french] for english, french in kept]
    input_lang, output_lang = (Lang(lang2), Lang(lang1)) if reverse else (Lang(lang1), Lang(lang2))
    for source, target in pairs:
        input_lang.addSentence(source)
        output_lang.addSentence(target)
    print(f"{len(everything):,} sentence pairs, {len(pairs):,} kept; words: ", end="")
    print(f"{input_lang.n_words:,} {input_lang.name}, {output_lang.n_words:,} {output_lang.name}")
    return input_lang, output_lang, pairs


def is_kept(english: str, french: str, max_length: int) -> bool:
    """Whether the notebook uses a pair of normalised sentences.

    Both have fewer than `max_length` tokens, punctuation counting, so that EOS fits in as well; and the English begins
    with "i am", "he is", "she is", "you are", "we are", "they are" or a short form ("he isn't" begins like that, too).
    """
    short = len(english.split()) < max_length and len(french.split()) < max_length
    return short and english.startswith(ENGLISH_BEGINNINGS)
