"""What checks and recipes import from the engine: its public surface, `autograder.checks`, and nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path

from autograder import checks

SURFACE = "autograder.checks"


def foreign_imports(root: Path) -> str:
    """The first import in `tests/` or `staff/cases/` that is not of the public surface; "" if there is none."""
    for folder in (root / "tests", root / "staff" / "cases"):
        for path in sorted(folder.glob("*.py")):
            for line, name in _engine_imports(ast.parse(path.read_bytes())):
                if name not in checks.__all__:
                    place = f"{path.relative_to(root)}, line {line}"
                    return f"{place} imports {name}; import names of {SURFACE}: {', '.join(checks.__all__)}"
    return ""


def _engine_imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and the name of every import from the engine: bare if it is from the public surface, dotted if not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, one.name) for one in node.names if one.name.split(".")[0] == "autograder")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "autograder":
            for one in node.names:
                yield node.lineno, one.name if node.module == SURFACE else f"{node.module}.{one.name}"
