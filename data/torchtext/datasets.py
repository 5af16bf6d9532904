"""Data sets of labelled texts, from where the course's own loaders take them (see `data.fetch.locate`)."""

from collections.abc import Callable, Iterator
from pathlib import Path

from torch.utils.data import IterableDataset

from data.ag_news import load_ag_news
from data.imdb import load_imdb
from data.labelled_csv import SPLITS

__all__ = ["AG_NEWS", "IMDB"]

Row = tuple[int, str]


class _Rows(IterableDataset[Row]):
    """Rows that can be gone through as often as wanted; they are loaded when that is done for the first time."""

    def __init__(self, load: Callable[[], list[Row]]) -> None:
        self._load = load
        self._rows: list[Row] | None = None

    def __iter__(self) -> Iterator[Row]:
        if self._rows is None:
            self._rows = self._load()
        return iter(self._rows)


def AG_NEWS(
    root: str | Path | None = None, split: str | tuple[str, ...] = SPLITS
) -> IterableDataset[Row] | tuple[IterableDataset[Row], ...]:
    """(label 1 to 4, text) of AG_NEWS: one data set for the name of a split, a tuple of them for a tuple of names.

    `root` is where downloads go, if no data directory is named. Raises TypeError for unknown splits.
    """
    return _splits("AG_NEWS", lambda one: load_ag_news(one, **_downloads(root)), split)


def IMDB(
    root: str | Path | None = None, split: str | tuple[str, ...] = SPLITS
) -> IterableDataset[Row] | tuple[IterableDataset[Row], ...]:
    """(label 1 negative or 2 positive, text) of IMDB; arguments and errors as those of AG_NEWS."""

    def load(one: str) -> list[Row]:
        return [(label + 1, text) for label, text in load_imdb(one, **_downloads(root))]

    return _splits("IMDB", load, split)


def _downloads(root: str | Path | None) -> dict[str, str | Path]:
    return {} if root is None else {"downloads": root}


def _splits(
    name: str, load: Callable[[str], list[Row]], split: str | tuple[str, ...]
) -> IterableDataset[Row] | tuple[IterableDataset[Row], ...]:
    chosen = (split,) if isinstance(split, str) else tuple(split)
    if not set(chosen) <= set(SPLITS):
        raise TypeError(f"Given selection {chosen} of splits is not supported for dataset {name}: choose from {SPLITS}")
    datasets = tuple(_Rows(lambda one=one: load(one)) for one in chosen)  # type: ignore[misc]  # of a lambda's default
    return datasets[0] if isinstance(split, str) else datasets
