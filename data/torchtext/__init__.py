"""Stand-in for the archived torchtext: the part that the notebooks of this course use.

It takes the place of torchtext 0.18.0 under its import names (see `data.install_torchtext`) and is not that package.
"""

from . import data, datasets, vocab

__version__ = "0.18.0+standin"
__all__ = ["__version__", "data", "datasets", "disable_torchtext_deprecation_warning", "vocab"]


def disable_torchtext_deprecation_warning() -> None:
    """Does nothing: the real package warns at every import unless this was called; the stand-in never does."""
