"""Copies of a student's code that hide that they are copies: renamed, reordered, reformatted, translated, split up."""

import ast
import builtins
import re
from collections.abc import Callable, Iterable, Sequence

WORDS = ["걸음", "상태", "값", "층", "입력", "출력", "길이", "가중치", "결과", "합", "앞", "뒤", "문", "기억", "차이"]
_WIDTH = 24  # characters of an expression that is worth a helper


def renamed(code: str, kept: Iterable[str]) -> str:
    """Every local name, parameter of helpers and own attribute has another name, but for those that are `kept`."""
    tree = ast.parse(code)
    attributes = _own_attributes(tree)
    names = sorted((_bound(tree) | attributes) - {*kept, "self", "forward", *dir(builtins)})
    others = {name: f"{WORDS[place % len(WORDS)]}_{place}" for place, name in enumerate(names)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = others.get(node.id, node.id)
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            node.arg = others.get(node.arg, node.arg)
        elif isinstance(node, ast.Attribute) and node.attr in attributes:
            node.attr = others.get(node.attr, node.attr)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            node.name = others.get(node.name, node.name)
    return ast.unparse(tree)


def _bound(tree: ast.AST) -> set[str]:
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names | _helpers(tree) | {node.arg for node in nodes if isinstance(node, ast.arg)}


def _own_attributes(tree: ast.AST) -> set[str]:
    """What the code itself sets, and its methods: `torch.zeros` stays, whatever a variable is called."""
    nodes = list(ast.walk(tree))
    return {
        node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    } | _helpers(tree)


def _helpers(tree: ast.AST) -> set[str]:
    nodes = list(ast.walk(tree))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef) and not node.name.startswith("__")}


def reordered(code: str) -> str:
    """Functions and methods stand in the opposite order, and so do statements that do not depend on each other."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef):
            places = [place for place, one in enumerate(node.body) if isinstance(one, ast.FunctionDef)]
            definitions = [node.body[place] for place in reversed(places)]
            for place, one in zip(places, definitions, strict=True):
                node.body[place] = one
        for field in ("body", "orelse"):
            body = getattr(node, field, None)
            if isinstance(body, list) and not isinstance(node, ast.Module | ast.ClassDef):
                _exchange(body)
    return ast.unparse(tree)


def _exchange(body: list[ast.stmt]) -> None:
    place = 0
    while place + 1 < len(body):
        one, other = body[place : place + 2]
        if _independent(one, other):
            body[place : place + 2] = [other, one]
            place += 1
        place += 1


def _independent(one: ast.stmt, other: ast.stmt) -> bool:
    if not all(isinstance(node, ast.Assign) for node in (one, other)):
        return False
    (stored, read), (others, their) = _used(one), _used(other)
    return not (stored & (others | their) or others & read)


def _used(node: ast.stmt) -> tuple[set[str], set[str]]:
    assert isinstance(node, ast.Assign)
    stored = {ast.unparse(target) for target in node.targets}
    stored |= {one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)}
    return stored - {"self"}, {
        ast.unparse(one) for one in ast.walk(node.value) if isinstance(one, ast.Name | ast.Attribute)
    }


def reformatted(code: str) -> str:
    """Other quotes, line ends and blank lines, more parentheses, annotations, and no comment."""
    plain = ast.unparse(ast.parse(code)).replace("'", '"')
    lines = [re.sub(r"^(\s*)(\w+) = ([^\"]+)$", r"\1\2: object = (\n\1    \3\n\1)", line) for line in plain.split("\n")]
    return "\n\n".join(lines)


def translated(code: str) -> str:
    """A comment in Korean stands above every second line, and each function has a docstring."""
    lines = []
    for number, line in enumerate(ast.unparse(ast.parse(code)).split("\n")):
        indent = line[: len(line) - len(line.lstrip())]
        if number % 2 and line.strip() and not line.lstrip().startswith(("else", "elif", "except", "finally")):
            lines.append(f"{indent}# {WORDS[number % len(WORDS)]}을 계산한다")
        lines.append(line)
    return "\n".join(lines)


def split_up(code: str) -> str:
    """The longest expressions that are assigned or returned are calls of helpers, which stand in front."""
    tree = ast.parse(code)
    helpers: list[ast.stmt] = []
    known = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        local = _locals(function)
        for node in ast.walk(function):
            value = node.value if isinstance(node, ast.Assign | ast.Return) else None
            if value is None or len(ast.unparse(value)) < _WIDTH or _holds_scope(value):
                continue
            read = sorted({one.id for one in ast.walk(value) if isinstance(one, ast.Name)} & local - known)
            name = f"helper_{len(helpers)}"
            helpers += ast.parse(f"def {name}({', '.join(read)}):\n    return {ast.unparse(value)}").body
            node.value = ast.parse(f"{name}({', '.join(read)})", mode="eval").body  # type: ignore[attr-defined]
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    rest = [node for node in tree.body if node not in imports]
    return ast.unparse(ast.Module([*imports, *helpers, *rest], []))


def _locals(function: ast.FunctionDef) -> set[str]:
    nodes = list(ast.walk(function))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.arg for node in nodes if isinstance(node, ast.arg)}


def _holds_scope(value: ast.expr) -> bool:
    """Whether an expression would mean something else in another function."""
    nodes = list(ast.walk(value))
    own = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.NamedExpr, ast.Yield)
    return any(isinstance(node, own) or (isinstance(node, ast.Name) and node.id == "super") for node in nodes)


def disguises(kept: Sequence[str]) -> dict[str, Callable[[str], str]]:
    """Every way of copying, by its name; `kept` are the names that the course asks for."""
    return {
        "renamed": lambda code: renamed(code, kept),
        "reordered": reordered,
        "reformatted": reformatted,
        "translated": translated,
        "split up": split_up,
    }
