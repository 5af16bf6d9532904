"""What a notebook's code finds around itself: the module `__main__`, the builtins, IPython's shell."""

import builtins
from types import ModuleType
from typing import Any

from autograder.notebook.statements import Bindings


class Shell:
    """Stands in for IPython's shell: every method exists and does nothing."""

    def getoutput(self, *_: object, **__: object) -> list[str]:
        """No lines of output, as no command runs."""
        return []

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


class NotebookModule(ModuleType):
    """The module `__main__` of the notebook: its attributes are the names of the namespace."""

    def __init__(self, namespace: dict[str, Any], filename: str) -> None:
        super().__init__("__main__")
        object.__setattr__(self, "__file__", filename)
        object.__setattr__(self, "_namespace", namespace)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        """The namespace itself, as typing and dataclasses look up string annotations in it."""
        namespace: dict[str, Any] = object.__getattribute__(self, "_namespace")
        return namespace

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module '__main__' has no attribute {name!r}") from None

    def __setattr__(self, name: str, value: object) -> None:
        self.__dict__[name] = value

    def __delattr__(self, name: str) -> None:
        del self.__dict__[name]


class NotebookBuiltins(dict[str, Any]):
    """Builtins that ask the namespace: CPython looks up globals of a class body in the exact dict only, then here."""

    def __init__(self, namespace: dict[str, Any], bindings: Bindings) -> None:
        standins = {"get_ipython": Shell, "display": lambda *_, **__: None}
        everything = vars(builtins) | standins
        super().__init__(
            (name, value) for name, value in everything.items() if name not in bindings or name.startswith("__")
        )
        self._namespace = namespace

    def __missing__(self, name: str) -> Any:
        try:
            return self._namespace[name]
        except KeyError:
            return vars(builtins)[name]
