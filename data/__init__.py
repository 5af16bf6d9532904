"""What the notebooks of this course import from beside them: for now, torchtext.

The real torchtext is archived and does not load beside a current PyTorch. `install_torchtext()` makes
`import torchtext` work all the same.
"""

import importlib
import importlib.util
import sys
from pathlib import Path

__all__ = ["install_torchtext"]

STAND_IN = Path(__file__).with_name("torchtext")
USED_BY_NOTEBOOKS = {
    "torchtext.vocab": ("Vocab", "vocab", "build_vocab_from_iterator"),
    "torchtext.data.utils": ("get_tokenizer", "ngrams_iterator"),
    "torchtext.data.functional": ("to_map_style_dataset",),
}


def install_torchtext() -> str:
    """Makes `import torchtext` and its submodules work; returns the version that will be imported.

    A torchtext that offers what the notebooks use is left alone. Otherwise the stand-in of this folder is loaded under
    the name `torchtext`, and its version ends in "+standin". Calling this again changes nothing.
    """
    if not _works():
        for name in [name for name in sys.modules if name == "torchtext" or name.startswith("torchtext.")]:
            del sys.modules[name]
        _load_stand_in()
    return str(sys.modules["torchtext"].__version__)


def _works() -> bool:
    try:
        return all(
            hasattr(importlib.import_module(module), name)
            for module, names in USED_BY_NOTEBOOKS.items()
            for name in names
        )
    except (ImportError, OSError, AttributeError, RuntimeError):  # what an archived build raises beside a newer PyTorch
        return False


def _load_stand_in() -> None:
    spec = importlib.util.spec_from_file_location(
        "torchtext", STAND_IN / "__init__.py", submodule_search_locations=[str(STAND_IN)]
    )
    assert spec is not None and spec.loader is not None  # a file that ends in .py always has both
    package = importlib.util.module_from_spec(spec)
    sys.modules["torchtext"] = package  # before its submodules are imported by that name
    spec.loader.exec_module(package)
