"""Importing torch as fast as that goes; by itself, this module imports nothing."""

import gc


def import_torch() -> None:
    """Imports torch without the collector of garbage.

    That would walk through all that is there again and again, a seventh of the time in vain.
    """
    gc.disable()
    import torch  # noqa: F401

    gc.freeze()
    gc.enable()
