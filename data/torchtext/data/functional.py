"""Datasets that can be indexed, from ones that can only be iterated."""

from collections.abc import Iterable
from typing import TypeVar

from torch.utils.data import Dataset

__all__ = ["to_map_style_dataset"]

Item = TypeVar("Item")


class _MapStyleDataset(Dataset[Item]):
    def __init__(self, items: Iterable[Item]) -> None:
        self._items = list(items)

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Item:
        return self._items[index]


def to_map_style_dataset(iter_data: Iterable[Item]) -> Dataset[Item]:
    """A dataset with a length and an index, holding what the iterable yields."""
    return _MapStyleDataset(iter_data)
