"""What the notebooks of this course import from beside them: data sets, and torchtext.

`load_ag_news`, `load_imdb`, `load_eng_fra`, `load_cifar10` and `prepareData` read real data where they find or can
download them, and else a sample (see `data.fetch.locate`); `use_directory` names the directory to read from.

The real torchtext is archived and does not load beside a current PyTorch. `install_torchtext()` makes
`import torchtext` work all the same.

The autograder asks for `SAMPLES`, `use_directory`, the loaders, `without_labels` and `prepare_worker`
(docs/authors.md).
"""

import importlib
import importlib.util
import sys
import threading
from pathlib import Path
from types import ModuleType

from data.ag_news import load_ag_news
from data.cifar10 import CIFAR10_CLASSES, load_cifar10
from data.data import EOS_token, Lang, PAD_token, SOS_token, prepareData
from data.eng_fra import load_eng_fra
from data.fetch import SAMPLES, MissingData, use_directory
from data.imdb import load_imdb
from data.withholding import without_labels

__all__ = [
    "CIFAR10_CLASSES",
    "EOS_token",
    "Lang",
    "MissingData",
    "PAD_token",
    "SAMPLES",
    "SOS_token",
    "install_torchtext",
    "load_ag_news",
    "load_cifar10",
    "load_eng_fra",
    "load_imdb",
    "prepareData",
    "prepare_worker",
    "use_directory",
    "without_labels",
]

STAND_IN = Path(__file__).with_name("torchtext")
_INSTALLING = threading.Lock()
USED_BY_NOTEBOOKS = {
    "torchtext": ("disable_torchtext_deprecation_warning",),
    "torchtext.vocab": ("Vocab", "vocab", "build_vocab_from_iterator"),
    "torchtext.data.utils": ("get_tokenizer", "ngrams_iterator"),
    "torchtext.data.functional": ("to_map_style_dataset",),
    "torchtext.datasets": ("AG_NEWS", "IMDB"),
    "torchdata.datapipes.iter": ("FileOpener",),  # without it, the real data sets raise an error when they are called
}


def install_torchtext() -> str:
    """Makes `import torchtext` and its submodules work; returns the version that will be imported.

    A torchtext that offers what the notebooks use is left alone. Otherwise the stand-in of this folder is loaded under
    the name `torchtext`, and its version ends in "+standin". Calling this again changes nothing.
    """
    with _INSTALLING:  # several threads measure models: none may see what another has half loaded
        if not (_is_stand_in(sys.modules.get("torchtext")) or _works()):
            for name in [name for name in sys.modules if name == "torchtext" or name.startswith("torchtext.")]:
                del sys.modules[name]
            _load_stand_in()
    return str(sys.modules["torchtext"].__version__)


def prepare_worker() -> None:
    """What every notebook would otherwise do for itself, before any process for one is started."""
    install_torchtext()


def _is_stand_in(module: ModuleType | None) -> bool:
    return getattr(module, "__file__", None) == str(STAND_IN / "__init__.py")


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
