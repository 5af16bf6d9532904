"""What code says to people: the templates in its source, which a catalogue of translations has to hold."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

# Calls whose literals are messages, or lines of them. What a call of another name says goes through `say`.
_SPEAKING = frozenset({
    *("say", "Mistake", "without_case", "Mismatch", "Ungraded", "StudentError", "WorkerFailure", "_abnormal"),
    *("to_look_at", "_look_at", "ungraded", "wrong"),
})  # fmt: skip
_PLAIN = (ast.JoinedStr, ast.BinOp, ast.Constant)
_SECOND = frozenset({"that"})  # those whose second argument is one
_NAMING = frozenset({"raise_mistake", "still_right", "reach", "pair"})  # whose literals with blanks are
_NAMES = frozenset({"look_at", "diagnosis", "says", "worth"})  # of arguments and variables whose literals are messages
# Errors whose text is a message only where `say` has made it one.
_SPOKEN_BEFORE = frozenset({"ArchiveError", "MemberError", "UnreadableNotebook", "ReaderEnded"})
_TABLES = frozenset({"Mistake", "without_case"})  # calls that make a dictionary one of diagnoses


def templates(files: Iterable[Path]) -> dict[str, str]:
    """Every line of a template that some Python files say, with the name of a file that does. Raises SyntaxError."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}
    constants = _constants(node for tree in trees.values() for node in tree.body)
    said: dict[str, str] = {}
    for path, tree in trees.items():
        own = _constants(node for node in ast.walk(tree) if isinstance(node, ast.stmt))
        for text in _said(tree, constants | own):
            said |= dict.fromkeys((line for line in text.split("\n") if line.strip()), path.name)
    return said


def unspoken(files: Iterable[Path]) -> list[str]:
    """Where a message is built by an f-string, by adding texts or without `say`: files and lines."""
    return [
        f"{path.name}, line {node.lineno}"
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and (
            any(isinstance(one, ast.JoinedStr | ast.BinOp) for one in _spoken(node))
            or (_name(node.func) in _SPOKEN_BEFORE and any(isinstance(one, _PLAIN) for one in node.args))
        )
    ]


def _constants(statements: Iterable[ast.stmt]) -> dict[str, list[ast.expr]]:
    """What some statements give to each name."""
    values: dict[str, list[ast.expr]] = {}
    for node in statements:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values.setdefault(node.targets[0].id, []).append(node.value)
    return values


def _said(tree: ast.Module, constants: Mapping[str, Sequence[ast.expr]]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            spoken = _spoken(node)
            if _name(node.func) in _NAMING:
                yield from (text for one in node.args for text in _texts(one, constants) if " " in text)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            spoken = [node.value] if node.targets[0].id in _NAMES else []
        elif isinstance(node, ast.Dict) and any(_of_table(value) for value in node.values):
            spoken = [key for key in node.keys if key]
        else:
            continue
        for one in spoken:
            yield from _texts(one, constants)


def _spoken(call: ast.Call) -> list[ast.expr]:
    """The arguments of a call that are messages."""
    name = _name(call.func)
    spoken = call.args if name in _SPEAKING else call.args[1:2] if name in _SECOND else []
    return [*spoken, *(one.value for one in call.keywords if one.arg in _NAMES)]


def _of_table(value: ast.expr) -> bool:
    if isinstance(value, ast.Tuple) and value.elts:
        value = value.elts[0]
        return isinstance(value, ast.Call) and _name(value.func) == "say"
    return isinstance(value, ast.Call) and _name(value.func) in _TABLES


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _texts(node: ast.expr, constants: Mapping[str, Sequence[ast.expr]]) -> Iterator[str]:
    """The texts that an expression may be, where they are literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from node.value.split(" | ")[:1]
    elif isinstance(node, ast.IfExp):
        yield from (text for part in (node.body, node.orelse) for text in _texts(part, constants))
    elif isinstance(node, ast.BoolOp):
        yield from (text for part in node.values for text in _texts(part, constants))
    elif isinstance(node, ast.Name):
        for value in constants.get(node.id, ()):
            yield from _texts(value, {})
