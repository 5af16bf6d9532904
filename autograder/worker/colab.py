"""In the student's process: cells without what only Colab has, its modules and the folders of its Drive."""

import ast
from collections.abc import Iterable

from autograder.notebook.syntax import root_name

_PACKAGE = "google.colab"
_CHANGES_FOLDER = {"os.chdir", "chdir"}


def names_from_colab(trees: Iterable[ast.Module]) -> set[str]:
    """The names under which a notebook imports anything of `google.colab`."""
    found: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.ImportFrom) and _is_colab(node.module or ""):
            found.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "google":
            found.update(alias.asname or alias.name for alias in node.names if alias.name == "colab")
        elif isinstance(node, ast.Import):
            names = (alias.asname or alias.name.split(".")[0] for alias in node.names if _is_colab(alias.name))
            found.update(names)
    return found


def _is_colab(module: str) -> bool:
    return module == _PACKAGE or module.startswith(f"{_PACKAGE}.")


class WithoutColab(ast.NodeTransformer):
    """Puts `pass` in place of imports of `google.colab`, calls of what `names` stand for, and changes of the folder."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        """Leaves the other modules of the statement."""
        node.names = [alias for alias in node.names if not _is_colab(alias.name)]
        return node if node.names else ast.copy_location(ast.Pass(), node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        """Leaves the other modules of `google`."""
        if node.module == "google":
            node.names = [alias for alias in node.names if alias.name != "colab"]
        gone = _is_colab(node.module or "") or not node.names
        return ast.copy_location(ast.Pass(), node) if gone else node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        """A call whose value nobody uses, such as `drive.mount(...)` and `os.chdir(...)`."""
        called = node.value.func if isinstance(node.value, ast.Call) else None
        if called is None or not (root_name(called) in self._names or ast.unparse(called) in _CHANGES_FOLDER):
            return node
        return ast.copy_location(ast.Pass(), node)
