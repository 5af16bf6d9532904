"""Where a printed value comes from: computed from test, validation or training data, or typed by hand.

Data tell by their names. The names in the call that made a value count more than the name of the value itself: a
`test_loss` that is `evaluate(model, valid_iterator)` is a validation loss.
"""

import ast
from collections.abc import Iterable, Iterator

from autograder.notebook.claims.program import Program
from autograder.notebook.claims.routines import Routine
from autograder.notebook.claims.words import SPLITS, TEST, TRAIN, VALID, listed, splits, words
from autograder.notebook.syntax import parts, walk

TYPED = "typed"
MAX_DEPTH = 8
MAX_STEPS = 400
# Arguments that are no data, however they were made.
_NO_DATA = listed("""
    model models net network encoder decoder vit rnn transformer criterion optimizer optim scheduler device loss fn
    function clip writer self
""")
Splits = frozenset[str]
NONE: Splits = frozenset()


class Provenance:
    """Follows the values that are printed when one code cell runs."""

    def __init__(self, program: Program, cell: int) -> None:
        self._program = program
        self._cell = cell
        self._following: set[tuple[int, str]] = set()
        self._steps = 0

    def origin(self, expressions: Iterable[ast.expr], routine: Routine) -> str:
        """The origin of what is printed: "test" if test data may be in it, else "valid", "train", "typed" or ""."""
        self._steps = 0
        listed_ones = list(expressions)
        if all(self._is_typed(one, routine) for one in listed_ones):
            return TYPED
        found = frozenset[str]().union(*(self._of(one, routine, 0) for one in listed_ones))
        return next((split for split in (TEST, VALID, TRAIN) if split in found), "")

    def _is_typed(self, node: ast.expr, routine: Routine) -> bool:
        if isinstance(node, ast.Constant):
            return isinstance(node.value, (int, float))
        if not isinstance(node, ast.Name):
            return False
        values = self._program.values(node.id, routine, self._cell)
        return bool(values) and all(
            isinstance(value.expression, ast.Constant)
            and isinstance(value.expression.value, (int, float))
            and value.expression.value
            and not value.around
            for value, _ in values
        )

    def _of(self, node: ast.AST, routine: Routine, depth: int) -> Splits:
        self._steps += 1
        if depth > MAX_DEPTH or self._steps > MAX_STEPS:
            return NONE
        if isinstance(node, ast.Name):
            return self._of_name(node.id, node.id, routine, depth)
        if isinstance(node, ast.Attribute):
            return self._of_name(f".{node.attr}", node.attr, routine, depth) or self._of(node.value, routine, depth + 1)
        if isinstance(node, ast.Subscript):
            key = node.slice.value if isinstance(node.slice, ast.Constant) else ""
            return splits(str(key)) or self._of(node.value, routine, depth + 1)
        if isinstance(node, ast.Call):
            return self._of_call(node, routine, depth)
        return NONE.union(*(self._of(part, routine, depth + 1) for part in parts(node)))

    def _of_name(self, name: str, text: str, routine: Routine, depth: int) -> Splits:
        key = (id(routine), name)
        if key in self._following:
            return NONE
        self._following.add(key)
        try:
            values = self._program.values(name, routine, self._cell)
            found = NONE.union(*(self._of(value.expression, where, depth + 1) for value, where in values))
            if not found:
                found = NONE.union(*(_nearest(value.around) for value, _ in values))
        finally:
            self._following.discard(key)
        return found or splits(text)

    def _of_call(self, call: ast.Call, routine: Routine, depth: int) -> Splits:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        owner = [call.func.value] if isinstance(call.func, ast.Attribute) else []
        if not self._program.defines(name):
            data = [one for one in [*owner, *given] if not _NO_DATA.issuperset(_names(one)) or not _names(one)]
            found = NONE.union(*(self._of(one, routine, depth + 1) for one in data))
            return found or splits(name)
        return (
            NONE.union(
                *(splits(text) for one in given for text in _texts(one) if not _NO_DATA.intersection(words(text)))
            )
            or NONE.union(*(self._of(one, routine, depth + 1) for one in given if _NO_DATA.isdisjoint(_names(one))))
            or NONE.union(*(splits(text) for one in self._program.routines(name) for text in one.foreign))
            or splits(name)
        )


def _texts(node: ast.AST) -> Iterator[str]:
    """The identifiers and strings in an expression."""
    for part in walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _names(node: ast.AST) -> Splits:
    return frozenset(word for text in _texts(node) for word in words(text)) - SPLITS


def _nearest(around: tuple[ast.expr, ...]) -> Splits:
    """The data that the innermost loop with a telling name goes through."""
    for iterated in reversed(around):
        found = NONE.union(*map(splits, _texts(iterated)))
        if found:
            return found
    return NONE
