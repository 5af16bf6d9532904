"""Tokenizers and datasets, importable from here as well as from the submodules."""

from .functional import to_map_style_dataset
from .utils import get_tokenizer

__all__ = ["get_tokenizer", "to_map_style_dataset"]
