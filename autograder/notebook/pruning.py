"""What of a notebook's statements runs when they run in order: nothing that trains, downloads, waits or only shows."""

import ast
from collections.abc import Container, Iterable

from autograder.notebook.attached import DISPLAYS, DOWNLOADS, TRAINING, called_names
from autograder.notebook.statements import LOOPS
from autograder.notebook.syntax import FUNCTIONS, bindings_of, eager

# Last names of calls that wait for somebody, or end the process.
_WAITING = frozenset({"input", "sleep", "wait", "start", "launch", "serve", "finish", "exit", "quit", "push_to_hub"})
_MAGICS = {"run_line_magic", "run_cell_magic"}  # the shell that stands in decides what each of them does
_LONG = (TRAINING | DOWNLOADS | _WAITING) - _MAGICS
_SHOWING = DISPLAYS - {"print", "pprint"}


def long_functions(trees: Iterable[ast.Module]) -> frozenset[str]:
    """The notebook's own functions that train, download or wait, or call others that do."""
    calls: dict[str, set[str]] = {}
    for tree in trees:
        for node in tree.body:
            if isinstance(node, FUNCTIONS):
                calls.setdefault(node.name, set()).update(called_names(node))
    found = {name for name, called in calls.items() if called & _LONG}
    while more := {name for name, called in calls.items() if called & found} - found:
        found |= more
    return frozenset(found)


class Pruning:
    """Cuts statements. `cut` collects the names that are bound or changed by what was cut of the present one."""

    def __init__(self, long: Container[str]) -> None:
        self.cut: set[str] = set()
        self._long = long

    def prune(self, node: ast.stmt) -> ast.stmt:
        """What runs of a statement, `pass` if nothing does; the statement itself is changed."""
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            return node
        if isinstance(node, (ast.If, ast.With, ast.AsyncWith, ast.Try, ast.Match, *LOOPS)):
            return self._prune_compound(node)
        return self._without(node) if self._is_long(node) or _only_shows(node) else node

    def _prune_compound(self, node: ast.stmt) -> ast.stmt:
        if any(self._is_long(head) for head in _heads(node)):
            return self._without(node)
        if isinstance(node, LOOPS) and any(self._is_long(inner) for inner in node.body):
            if isinstance(node, ast.While):
                return self._without(node)
            for statement in node.body:  # the loop is run through for what it leaves in its own variable
                self._without(statement)
            node.body = [ast.copy_location(ast.Pass(), node.body[0])]
            return node
        pending: list[ast.AST] = [node]
        while pending:
            part = pending.pop()
            for field in ("body", "orelse", "finalbody"):
                if isinstance(inner := getattr(part, field, None), list):
                    setattr(part, field, [self.prune(one) for one in inner])
            pending.extend([*getattr(part, "handlers", ()), *getattr(part, "cases", ())])
        return node

    def _without(self, node: ast.stmt) -> ast.stmt:
        self.cut.update(*bindings_of(node))
        return ast.copy_location(ast.Pass(), node)

    def _is_long(self, node: ast.AST) -> bool:
        return any(name in _LONG or name in self._long for name in called_names(node))


def _heads(node: ast.stmt) -> list[ast.AST]:
    """What a compound statement evaluates before its body."""
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return [item.context_expr for item in node.items]
    return [head for field in ("test", "iter", "subject") if (head := getattr(node, field, None)) is not None]


def _only_shows(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and not _SHOWING.isdisjoint(called_names(node))


def loaded_names(node: ast.stmt) -> frozenset[str]:
    """The names that a statement looks up when it runs."""
    names = (part for part in eager(node) if isinstance(part, ast.Name))
    return frozenset(name.id for name in names if isinstance(name.ctx, ast.Load))
