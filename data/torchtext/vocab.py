"""Vocabularies: tokens in a fixed order, and the index of each."""

from collections import Counter
from collections.abc import Iterable, Sequence

from torch import nn

__all__ = ["Vocab", "build_vocab_from_iterator", "vocab"]


class Vocab(nn.Module):
    """Tokens by index and indices by token; calling it with a list of tokens yields the list of their indices.

    A token that it lacks has the default index; as long as there is none, looking it up raises RuntimeError.
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        """Tokens in the order of their indices. Raises RuntimeError for a duplicate, TypeError for no string."""
        super().__init__()
        self._tokens: list[str] = []
        self._indices: dict[str, int] = {}
        self._default: int | None = None
        for token in tokens:
            if token in self._indices:
                raise RuntimeError(f"Duplicate token found in tokens list: {token}")
            self.append_token(token)

    def forward(self, tokens: list[str]) -> list[int]:
        """The indices of the tokens."""
        return self.lookup_indices(tokens)

    def __len__(self) -> int:
        return len(self._tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._indices

    def __getitem__(self, token: str) -> int:
        """The index of the token, else the default index. Raises RuntimeError when that is not set."""
        index = self._indices.get(_string(token), self._default)
        if index is None:
            raise RuntimeError(f"Token {token} not found and default index is not set")
        return index

    def set_default_index(self, index: int | None) -> None:
        """Sets the index of every token that is not in the vocabulary; None makes them errors again."""
        self._default = index

    def get_default_index(self) -> int | None:
        """The index of tokens that are not in the vocabulary, None if it is not set."""
        return self._default

    def append_token(self, token: str) -> None:
        """Adds a token behind the last one. Raises RuntimeError if it is there already."""
        self.insert_token(token, len(self._tokens))

    def insert_token(self, token: str, index: int) -> None:
        """Adds a token at an index; those behind it move by one. RuntimeError if it exists, or beyond the end."""
        if _string(token) in self._indices:
            raise RuntimeError(f"Token {token} already exists in the Vocab with index: {self._indices[token]}")
        if not 0 <= index <= len(self._tokens):
            raise self._out_of_bounds(index)
        self._tokens.insert(index, token)
        for moved in range(index, len(self._tokens)):
            self._indices[self._tokens[moved]] = moved

    def lookup_token(self, index: int) -> str:
        """The token at an index. Raises RuntimeError if there is none."""
        if not 0 <= index < len(self._tokens):
            raise self._out_of_bounds(index)
        return self._tokens[index]

    def lookup_tokens(self, indices: Sequence[int]) -> list[str]:
        """The tokens at these indices. Raises RuntimeError if there is none at one of them."""
        return [self.lookup_token(index) for index in indices]

    def lookup_indices(self, tokens: list[str]) -> list[int]:
        """The indices of the tokens, as `vocab[token]` gives them. Raises TypeError for a string in place of a list."""
        if isinstance(tokens, str):
            raise TypeError("a list of tokens is expected, not a str")
        return [self[token] for token in tokens]

    def get_itos(self) -> list[str]:
        """The tokens in the order of their indices, a copy."""
        return list(self._tokens)

    def get_stoi(self) -> dict[str, int]:
        """The index of every token, a copy."""
        return dict(self._indices)

    def _out_of_bounds(self, index: int) -> RuntimeError:
        return RuntimeError(f"Specified index {index} is out of bounds for vocab of size {len(self)}")


def _string(token: object) -> str:
    if not isinstance(token, str):
        raise TypeError(f"a token is a str, not {type(token).__name__}")
    return token


def vocab(
    ordered_dict: dict[str, int], min_freq: int = 1, specials: Sequence[str] | None = None, special_first: bool = True
) -> Vocab:
    """The vocabulary of a dictionary token -> frequency, in the dictionary's order.

    Tokens rarer than `min_freq` are left out. `specials` come first (last if not `special_first`), however rare.
    """
    special_tokens = list(specials or [])
    words = [token for token, count in ordered_dict.items() if count >= min_freq and token not in special_tokens]
    return Vocab(special_tokens + words if special_first else words + special_tokens)


def build_vocab_from_iterator(
    iterator: Iterable[Iterable[str]],
    min_freq: int = 1,
    specials: Sequence[str] | None = None,
    special_first: bool = True,
    max_tokens: int | None = None,
) -> Vocab:
    """The vocabulary of lists of tokens: the most frequent first, equally frequent ones alphabetically.

    `max_tokens` limits its size, specials included; there must be room beside them (AssertionError).
    """
    counter: Counter[str] = Counter()
    for tokens in iterator:
        counter.update(tokens)
    ranked = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    if max_tokens is not None:
        room = max_tokens - len(specials or [])
        assert room > 0, "len(specials) >= max_tokens, so the vocab will be entirely special tokens."
        ranked = ranked[:room]
    return vocab(dict(ranked), min_freq, specials, special_first)
