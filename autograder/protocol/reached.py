"""Which parts of a notebook's code a check reaches: from the names that it asks for, method by method.

A method of a class counts if code that is reached, or the check, names an attribute like it. `forward` also counts if
code uses the class: calling a module spells no name. What another method of the same class does is nobody's business.
"""

from collections.abc import Container, Iterable

from autograder.notebook.mentions import ANY_ATTRIBUTE
from autograder.notebook.usage import Usage

FORWARD = "forward"


class Reach:
    """The code that a check reaches.

    asked: names, and ".name" for attributes that the check itself uses. given: names that are not the notebook's.
    `certain` are the parts that are reached; `possible` are methods that may be called by a name made at run time.
    """

    def __init__(self, usages: Iterable[Usage], asked: Iterable[str], given: Container[str]) -> None:
        self.certain: list[Usage] = []
        self._seen: set[str] = set()
        self._given = given
        self._waiting: dict[str, list[Usage]] = {}
        for usage in usages:
            for key in [*usage.names, *(f".{method}" for method in usage.methods)]:
                self._waiting.setdefault(key, []).append(usage)
            if FORWARD in usage.methods:
                for key in [".__call__", *(f"{name}()" for name in usage.names)]:
                    self._waiting.setdefault(key, []).append(usage)
        self._follow(asked)
        self.possible = self._possible() if ANY_ATTRIBUTE in self._seen else []

    def _follow(self, asked: Iterable[str]) -> None:
        reached: set[int] = set()
        pending = [name for name in asked if name not in self._given]
        while pending:
            name = pending.pop()
            if name in self._seen:
                continue
            self._seen.add(name)
            for usage in self._waiting.get(name, ()):
                if id(usage) not in reached and self._is_reached(usage):
                    reached.add(id(usage))
                    self.certain.append(usage)
                    asks = [one for one in usage.asks if one not in self._given]
                    pending += [*asks, *(f"{one}()" for one in asks)]

    def _is_reached(self, usage: Usage) -> bool:
        return not self._seen.isdisjoint(usage.names) and all(self._is_called(one, usage) for one in usage.methods)

    def _is_called(self, method: str, usage: Usage) -> bool:
        if f".{method}" in self._seen:
            return True
        calls = {".__call__", *(f"{name}()" for name in usage.names)}
        return method == FORWARD and not self._seen.isdisjoint(calls)

    def _possible(self) -> list[Usage]:
        classes = {usage.names for usage in self.certain}
        methods = {id(usage): usage for name in self._seen for usage in self._waiting.get(name, ())}
        return [usage for key, usage in methods.items() if usage.names in classes and usage not in self.certain]
