"""What printing calls write: f-strings, formats, sums and arguments as literal parts and holes for values."""

import ast
import re
import string
from collections.abc import Iterator, Sequence

from autograder.notebook.claims.printed import Hole, Part, Text, line_text
from autograder.notebook.claims.routines import Routine
from autograder.notebook.claims.words import listed
from autograder.notebook.syntax import walk

PRINTS = listed(
    "print pprint rprint cprint write display debug info warning warn error critical log echo secho set_description"
    " set_description_str set_postfix_str"
)
BARS = listed("tqdm trange notebook_tqdm tqdm_notebook track")
MAX_TEXTS = 400  # of one cell
_PERCENT = re.compile(r"%(?:\((\w+)\))?[-+ #0]{0,5}(?:\d{1,4}|\*)?(?:\.\d{1,4})?([sdifeEgGxXr%])")
_NUMERIC = re.compile(r"[defgEFG%]$")
_TEXT_METHODS = listed("strip lstrip rstrip ljust rjust center upper lower title replace expandtabs")


def texts(routine: Routine) -> Iterator[Text]:
    """Every line that the printing calls of a routine may write."""
    made = 0
    for call in routine.calls:
        for parts in _printed(call, routine):
            for line in _lines(parts):
                made += 1
                if made <= MAX_TEXTS:
                    yield line_text(line, routine)


def value_texts(routine: Routine, expression: ast.expr) -> list[Text]:
    """The lines of an expression's value, as a notebook shows that of a cell's last one."""
    return [line_text(line, routine) for line in _lines(_parts(expression, routine))]


def _lines(parts: Sequence[Part]) -> list[list[Part]]:
    lines: list[list[Part]] = [[]]
    for part in parts:
        if isinstance(part, Hole):
            lines[-1].append(part)
            continue
        first, *others = re.split(r"[\n\r]", part)
        lines[-1].append(first)
        lines += [[other] for other in others]
    return [line for line in lines if any(isinstance(part, Hole) or part.strip() for part in line)]


def _printed(call: ast.Call, routine: Routine) -> Iterator[list[Part]]:
    """What a call prints, if it prints."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    keywords = {one.arg: one.value for one in call.keywords if one.arg}
    if name in BARS and "desc" in keywords:
        yield _parts(keywords["desc"], routine)
    elif name == "set_postfix":
        for key, value in [*keywords.items(), *_items(call.args)]:
            yield [f"{key}=", Hole(value)]
    elif name in PRINTS:
        yield _arguments(call.args, keywords, routine)


def _items(arguments: Sequence[ast.expr]) -> Iterator[tuple[str, ast.expr]]:
    """The constant keys of dictionaries, with their values."""
    for argument in arguments:
        for part in walk(argument):
            if isinstance(part, ast.Dict):
                for key, value in zip(part.keys, part.values, strict=True):
                    yield (str(key.value) if isinstance(key, ast.Constant) else ""), value


def _arguments(arguments: Sequence[ast.expr], keywords: dict[str, ast.expr], routine: Routine) -> list[Part]:
    """The parts that `print` puts together; of logging calls, whose first argument is a format, as well."""
    form = _constant(arguments[0]) if len(arguments) > 1 else ""
    if form and "%%" not in form and len(_PERCENT.findall(form)) >= len(arguments) - 1:
        return _percent(form, arguments[1:], routine)
    separator, end = (_constant(keywords[key]) if key in keywords else "" for key in ("sep", "end"))
    parts: list[Part] = []
    for argument in arguments:
        parts += [*([separator] if parts else []), *_parts(argument, routine)]
    return [*parts, end]


def _constant(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _parts(node: ast.expr, routine: Routine, depth: int = 0) -> list[Part]:
    """The literal parts and holes of an expression's text."""
    if depth > 12:
        return [Hole(node)]
    if isinstance(node, ast.Constant):
        return [node.value if isinstance(node.value, str) else repr(node.value)]
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in _parts(value, routine, depth + 1)]
    if isinstance(node, ast.FormattedValue):
        found = _parts(node.value, routine, depth + 1)
        spec = "".join(_constant(part) for part in getattr(node.format_spec, "values", ()))
        return found if _fixed(found) else [Hole(node.value, bool(_NUMERIC.search(spec)))]
    if isinstance(node, ast.BinOp):
        return _operation(node, routine, depth)
    if isinstance(node, ast.Call):
        return _called(node, routine, depth)
    if isinstance(node, ast.Name) and len(values := routine.values.get(node.id, [])) == 1:
        found = _parts(values[0].expression, routine, depth + 4)
        strings = (ast.Constant, ast.JoinedStr, ast.BinOp, ast.Call)
        if _fixed(found) and isinstance(values[0].expression, strings) and not _is_number(values[0].expression):
            return found
    return [Hole(node)]


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, str)


def _fixed(parts: Sequence[Part]) -> bool:
    return any(isinstance(part, str) and part.strip() for part in parts)


def _operation(node: ast.BinOp, routine: Routine, depth: int) -> list[Part]:
    """`a + b`, "..." % values, "-" * 80."""
    left = _parts(node.left, routine, depth + 1)
    if isinstance(node.op, ast.Mod) and _constant(node.left):
        values = list(node.right.elts) if isinstance(node.right, ast.Tuple) else [node.right]
        return _percent(_constant(node.left), values, routine)
    right = _parts(node.right, routine, depth + 1)
    texts_in_it = any(_constant(side) or isinstance(side, ast.JoinedStr) for side in _operands(node))
    if isinstance(node.op, ast.Add) and texts_in_it:
        return [*left, *right]
    if isinstance(node.op, ast.Mult) and (_constant(node.left) or _constant(node.right)):
        return left if _constant(node.left) else right
    return [Hole(node)]


def _operands(node: ast.expr) -> Iterator[ast.expr]:
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
            pending += [part.left, part.right]
        else:
            yield part


def _called(node: ast.Call, routine: Routine, depth: int) -> list[Part]:
    """`"...".format(...)`, `", ".join([...])`, `str(x)`, and other calls that hand a text on (`colored(...)`)."""
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if owner is not None and name == "format":
        formats = _parts(owner, routine, depth + 1)
        return [part for one in formats for part in (_format(one, node, routine) if isinstance(one, str) else [one])]
    if owner is not None and name == "join" and node.args and isinstance(node.args[0], (ast.List, ast.Tuple)):
        return [part for item in node.args[0].elts for part in [*_parts(item, routine, depth + 1), _constant(owner)]]
    base = owner if owner is not None and name in _TEXT_METHODS else node.args[0] if node.args else None
    found = _parts(base, routine, depth + 1) if base is not None and not _is_number(base) else []
    holes = any(isinstance(part, Hole) for part in found)
    # evaluate("test") gives no text: only what is made of more than a constant is taken for one
    return found if _fixed(found) and (holes or name in _TEXT_METHODS | {"str"}) else [Hole(node)]


def _percent(text: str, values: Sequence[ast.expr], routine: Routine) -> list[Part]:
    parts: list[Part] = []
    remaining, at = list(values), 0
    named = {key: value for key, value in _items(values) if key}
    for match in _PERCENT.finditer(text):
        parts.append(text[at : match.start()])
        at = match.end()
        if match[2] == "%":
            parts.append("%")
            continue
        value = named.get(match[1]) if match[1] else remaining.pop(0) if remaining else None
        if value is not None:
            found = _parts(value, routine, 6)
            parts += found if _fixed(found) and not _is_number(value) else [Hole(value, match[2] not in "sr")]
    return [*parts, text[at:]]


def _format(text: str, call: ast.Call, routine: Routine) -> list[Part]:
    parts: list[Part] = []
    keywords = {one.arg: one.value for one in call.keywords if one.arg}
    place = 0
    try:
        for literal, name, spec, _ in string.Formatter().parse(text):
            parts.append(literal)
            if name is None:
                continue
            key = re.split(r"[.\[]", name, maxsplit=1)[0]
            number, place = (int(key), place) if key.isdecimal() else (place, place + (key == ""))
            value = keywords.get(key, call.args[number] if number < len(call.args) else call)
            found = _parts(value, routine, 6) if value is not call else []
            numeric = bool(_NUMERIC.search(spec or ""))
            parts += found if _fixed(found) and not _is_number(value) else [Hole(value, numeric)]
    except ValueError:  # no valid format
        return [Hole(call)]
    return parts
