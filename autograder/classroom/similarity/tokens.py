"""Python code as tokens that renaming, formatting, comments and other literals leave as they are.

A token is of the syntax tree. Names that the notebook binds itself are one token, so that only what cannot be renamed
tells answers apart: what a library calls its things, and what is done with them in which order. A function that only
returns an expression is read where it is called, and breaks stand between functions and top-level statements, so that
cutting code into helpers and moving it about change little.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.classroom.similarity.winnowing import BREAK
from autograder.notebook.syntax import FUNCTIONS, bindings_of, import_origins, parts

OWN = "v"
_SILENT = (ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal)


@dataclass(frozen=True)
class Token:
    """One token, and the code cell and line, each from 1, that it stands in."""

    text: str
    cell: int
    line: int


class Tokenizer:
    """Makes tokens of the statements of one notebook."""

    def __init__(self, trees: Iterable[ast.Module]) -> None:
        listed = list(trees)
        nodes = [node for tree in listed for node in ast.walk(tree)]
        self._own: set[str] = set()
        self._imported: dict[str, str] = {}
        for node in nodes:
            self._learn(node)
        called = {name for node in nodes if (name := _called(node))}
        formulas = {node.name: _formula(node) for tree in listed for node in tree.body if isinstance(node, FUNCTIONS)}
        self._formulas = {name: value for name, value in formulas.items() if value and name in called}
        self._inside = False  # of a formula: one in another is not read there, or a few lines could give millions

    def tokens(self, statement: ast.stmt, cell: int) -> Iterator[Token]:
        """The tokens of a statement of a code cell; raises RecursionError for one that is nested too deeply."""
        if isinstance(statement, FUNCTIONS) and statement.name in self._formulas:
            return
        line = statement.lineno
        yield Token(BREAK, cell, line)
        for text, own_line in self._emit(statement):
            line = own_line or line
            yield Token(text, cell, line)

    def _learn(self, node: ast.AST) -> None:
        """Notes the names that a node binds anywhere in the notebook."""
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self._imported |= {name: origin.rpartition(".")[2] for name, origin in import_origins(node).items()}
        elif isinstance(node, ast.arg):
            self._own.add(node.arg)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            self._own.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            self._own.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            self._own.add(node.name)

    def _emit(self, node: ast.AST) -> Iterator[tuple[str, int]]:
        """Pairs of a token and its line, 0 for that of the token before."""
        line = getattr(node, "lineno", 0)
        if isinstance(node, _SILENT) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            return
        if not self._inside and (formula := self._formulas.get(_called(node))):
            self._inside = True
            yield from ((text, line) for text, _ in self._emit(formula))
            self._inside = False
        elif isinstance(node, ast.Name):
            yield self._name(node.id), line
        elif isinstance(node, ast.Constant):
            yield _literal(node.value), line
        elif isinstance(node, ast.JoinedStr):
            yield "str", line
        elif isinstance(node, ast.arg):
            yield OWN, line
        elif isinstance(node, ast.Attribute):
            base = node.value.id if isinstance(node.value, ast.Name) else ""
            if base not in self._imported:
                yield from self._emit(node.value)
            # Of other objects' attributes nobody can say whose they are, and one's own must not change what is given.
            yield f".{OWN if base == 'self' else node.attr}", node.end_lineno or line
        else:
            yield from self._compound(node, line)

    def _compound(self, node: ast.AST, line: int) -> Iterator[tuple[str, int]]:
        """A node that is no leaf: its kind with its operators, then its parts but for annotations."""
        if isinstance(node, FUNCTIONS):
            yield BREAK, line
        operators = [op for op in (getattr(node, "op", None), *getattr(node, "ops", ())) if op is not None]
        kind = "Assign" if isinstance(node, ast.AnnAssign) else type(node).__name__
        if not isinstance(node, (ast.Expr, ast.Module, ast.arguments)):
            yield " ".join([kind, *(type(op).__name__ for op in operators)]), line
        if isinstance(node, ast.keyword):
            yield f"{node.arg}=", line
        skipped = [getattr(node, name, None) for name in ("annotation", "returns")]
        for part in parts(node):
            if part not in skipped:
                yield from self._emit(part)
        if isinstance(node, FUNCTIONS):
            yield BREAK, 0

    def _name(self, name: str) -> str:
        return OWN if name in self._own else self._imported.get(name, name)


def _called(node: ast.AST) -> str:
    """The plain name that is called, "" for anything else."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def _formula(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.expr | None:
    """What a function returns that does nothing else."""
    body = [node for node in function.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    return body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None


def _literal(value: object) -> str:
    return str(value) if value is None or isinstance(value, bool) else type(value).__name__


def own_statements(trees: Sequence[tuple[int, ast.Module]], names: Sequence[str], given: Iterable[str]) -> list[int]:
    """Which of the statements of numbered cells define `names`, and the helpers that these use, in order.

    Of several definitions of a function or class the last counts. Names that are `given` to everybody are no helpers.
    """
    listed = [node for _, tree in trees for node in tree.body]
    binders: dict[str, list[int]] = {}
    for place, node in enumerate(listed):
        bound, changed = bindings_of(node)
        for name in bound:
            earlier = [] if isinstance(node, (*FUNCTIONS, ast.ClassDef)) else binders.get(name, [])
            binders[name] = [*earlier, place]
        for name in changed:
            binders.setdefault(name, []).append(place)
    chosen: set[int] = set()
    seen, waiting = set(given), list(names)
    while waiting:
        for place in binders.get(waiting.pop(), ()):
            if place not in chosen:
                chosen.add(place)
                used = {part.id for part in ast.walk(listed[place]) if isinstance(part, ast.Name)}
                waiting += used - seen
                seen |= used
    return [place for place in sorted(chosen) if not isinstance(listed[place], _SILENT)]
