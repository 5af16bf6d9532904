"""Every import that the contracts cannot see, because a string names the module. What is new here must be wanted.

Contracts (in pyproject.toml) are held against import statements. A module that is named in a string, or imported from
a path, goes past them: so all such places are listed, and each must respect the direction of the rooms as well.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import autograder

PACKAGE = Path(autograder.__file__).parent
OURS = re.compile(r"\bautograder(?:\.[a-z]\w*)+(?::\w+)?")  # a module of ours, or a function in it
NAMED = re.compile(r"[a-z]\w*(?:\.\w+)*:[a-z]\w+")  # "module:function", of any package
IMPORTERS = {"__import__", "import_module", "reload", "find_spec", "run_module", "run_path"}
IMPORTERS |= {"spec_from_file_location", "module_from_spec", "exec_module"}

STRINGS = {
    "authoring/build.py": {"py:percent"},  # a format of jupytext
    "authoring/imports.py": {"autograder.checks"},  # all that authors may import
    "authoring/release.py": {"autograder.cli.pytest_plugin"},  # in the conftest.py of a bundle
    "authoring/template/conftest.py": {"autograder.cli.pytest_plugin"},
    "cli/app.py": {"autograder.cli.assistants"},  # whether this is a bundle for students
    # Whose files a hash is made of; none of them is imported for that.
    "authoring/verify.py": {"autograder.authoring.verify"},
    "classroom/retrain.py": {"autograder.classroom.retrain"},
    "classroom/cluster/version.py": {"autograder.classroom.examiner"},
    "course/cases.py": {"autograder.checks.case"},
    "course/fingerprints.py": {
        "autograder.checks",
        "autograder.marking.ask",
        "autograder.sandbox.inside.warm",
        "autograder.worker.server",
    },
    "models/measure.py": {"autograder.models"},
    "marking/sandboxes.py": {
        "autograder.worker.machine:without_onednn",
        "autograder.worker.server:prepare",
        "autograder.worker.server:serve",
        "autograder.worker.server:warm_up",
    },
    "notebook/given.py": {"autograder.selfcheck.live"},  # what a notebook's set-up cell imports
    "protocol/pasting.py": {"autograder.selfcheck.live"},  # what lines to paste import
    "sandbox/connection.py": {"autograder.sandbox.inside.warm"},
    "sandbox/own_fork.py": {"autograder.sandbox.inside.tiers"},
    "sandbox/reader.py": {"autograder.sandbox.inside.reader"},
    "classroom/cluster/plugin.py": {"autograder.classroom.cluster.judge"},  # a process of its own
    "selfcheck/warm_fork.py": {"autograder.worker.server"},  # what its fork imports, once locked in
}
CALLS = {
    "checks/case.py": [  # files of the course
        "importlib.util.spec_from_file_location(f'{prefix}_{path.stem}', path)",
        "importlib.util.module_from_spec(spec)",
        "spec.loader.exec_module(module)",
    ],
    "cli/app.py": ["from importlib.util import find_spec", "find_spec('autograder.cli.assistants')"],
    "protocol/faults.py": ["importlib.util.find_spec(package)"],  # whether a package is installed
    # What a fork runs, and its parent never imports.
    "sandbox/own_fork.py": [
        "importlib.import_module(module)",
        "importlib.import_module(INSIDE)",
        "importlib.import_module(_TIERS)",
    ],
    "sandbox/inside/probe.py": ["importlib.import_module(name)"],  # whether late imports work in a child
    "sandbox/inside/warm.py": ["importlib.import_module(module)"],
    "sandbox/packages.py": [  # the course's package `data`, and its modules before the fork
        "from importlib import import_module",
        "importlib.util.module_from_spec(_spec(name, folder))",
        "importlib.util.spec_from_file_location(name, start, submodule_search_locations=[str(folder)])",
        "package.__spec__.loader.exec_module(package)",
        "import_module(f'{folder.name}.{module.name}')",
    ],
}


def nodes(path: Path) -> Iterator[ast.AST]:
    """All that stands in a file but its docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return (node for node in ast.walk(tree) if id(node) not in docstrings)


def strings(path: Path) -> set[str]:
    """The modules and functions that strings of a file name."""
    texts = [node.value for node in nodes(path) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {name for text in texts for name in (*OURS.findall(text), *filter(NAMED.fullmatch, [text]))}


def calls(path: Path) -> list[str]:
    """The calls of a file that import what an argument names, and where it takes such a function by itself."""
    return [
        ast.unparse(node)
        for node in nodes(path)
        if (isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in IMPORTERS)
        or (isinstance(node, ast.ImportFrom) and IMPORTERS & {alias.name for alias in node.names})
    ]


def listed(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_every_name_in_a_string_is_listed() -> None:
    assert {listed(path): names for path in PACKAGE.rglob("*.py") if (names := strings(path))} == STRINGS


def test_every_import_by_name_is_listed() -> None:
    assert {listed(path): made for path in PACKAGE.rglob("*.py") if (made := calls(path))} == CALLS


@pytest.mark.parametrize("name", sorted(STRINGS["marking/sandboxes.py"]))
def test_functions_that_strings_name_are_there(name: str) -> None:
    module, _, function = name.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_hidden_imports_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    lines = [
        '"""autograder.worker"""',
        "import importlib as i",
        'ENTRY = "a.b:serve"',
        'START = "import autograder.worker.server"',
        "i.import_module(ENTRY)",
        '__import__("x")',
        "from importlib import reload as again",
        "loader.exec_module(x)",
        "def f():",
        '    """a:b"""',
        '    "not: one"',
    ]
    path.write_text("\n".join(lines))
    assert strings(path) == {"a.b:serve", "autograder.worker.server"}
    assert calls(path) == [
        "from importlib import reload as again",
        "i.import_module(ENTRY)",
        "__import__('x')",
        "loader.exec_module(x)",
    ]
