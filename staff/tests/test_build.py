"""The notebooks that are built from percent scripts, and what is refused."""

import ast
import builtins
import json
import textwrap
import types
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring import build
from autograder.authoring.build import BuildError
from autograder.authoring.regions import UNWRITTEN_PART
from autograder.course.manifest import load
from autograder.course.root import project_root

SCRIPT = textwrap.dedent(
    '''\
    # %% [markdown]
    # # Gates, 게이트
    #
    # The first cell leads.

    # %%
    # !pip install -q something
    # %matplotlib inline
    import torch

    # %% [markdown] tags=["staff"]
    # Staff read this.

    # %% tags=["staff"]
    SECRET_OF_STAFF = 42

    # %% cellView="form"
    class Gate:
        def __init__(self, dim):
            self.dim = dim
            ### BEGIN SOLUTION
            self.weight = torch.eye(dim)
            ### END SOLUTION

        def forward(self, x):
            ##### IMPLEMENT YOUR CODE #####
            ### BEGIN SOLUTION
            hidden = x @ self.weight
            ### END SOLUTION
            if self.dim:
                ### BEGIN SOLUTION
                hidden = hidden.sigmoid()

                ### END SOLUTION
            ##### END OF YOUR CODE #####
            return hidden

        ### BEGIN SOLUTION
        @staticmethod
        def extra():
            """한글 docstring of the answer."""
        ### END SOLUTION


    def outer():
        def inner():
            ### BEGIN SOLUTION
            return 1
            ### END SOLUTION
        return inner


    ### BEGIN SOLUTION
    learning_rate = 0.5
    ### END SOLUTION
    '''
)


def sources_of(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells]


def skeleton_error(script: str, topic: str = "gate") -> str:
    with pytest.raises(BuildError) as caught:
        build.skeleton_notebook({topic: textwrap.dedent(script)})
    with pytest.raises(BuildError):
        build.solution_notebook({topic: textwrap.dedent(script)})
    return str(caught.value)


def line_of(script: str, text: str) -> int:
    return textwrap.dedent(script).splitlines().index(text) + 1


def test_skeleton_names_what_is_not_written() -> None:
    gate = build.skeleton_notebook({"gate": SCRIPT}).cells[-1].source
    raised = [line.strip() for line in gate.splitlines() if "raise" in line]
    assert raised == [
        'raise NotImplementedError("Gate.__init__ is not written yet")',
        'raise NotImplementedError("Gate.forward is not written yet")',
        'raise NotImplementedError("Gate.forward is not written yet")',
        'raise NotImplementedError("Gate is not written yet")',
        'raise NotImplementedError("outer.inner is not written yet")',
    ]
    assert gate.splitlines()[-1] == UNWRITTEN_PART


def test_skeleton_keeps_indentation_and_what_stands_around() -> None:
    lines = build.skeleton_notebook({"gate": SCRIPT}).cells[-1].source.splitlines()
    start = lines.index("    def forward(self, x):")
    assert lines[start + 1 : start + 7] == [
        "        ##### IMPLEMENT YOUR CODE #####",
        '        raise NotImplementedError("Gate.forward is not written yet")',
        "        if self.dim:",
        '            raise NotImplementedError("Gate.forward is not written yet")',
        "        ##### END OF YOUR CODE #####",
        "        return hidden",
    ]


def test_skeleton_function_says_so_when_called() -> None:
    script = "# %%\ndef double(x):\n    ### BEGIN SOLUTION\n    y = 2 * x\n    ### END SOLUTION\n    return y\n"
    names: dict[str, Any] = {}
    exec(build.skeleton_notebook({"gate": script}).cells[0].source, names)
    with pytest.raises(NotImplementedError, match="^double is not written yet$"):
        names["double"](3)
    exec(build.solution_notebook({"gate": script}).cells[0].source, names)
    assert names["double"](3) == 6


def lines_outside_regions(script: str) -> list[str]:
    """Stripped lines that students may see, by a reading of its own: neither in a region nor in a staff cell."""
    kept, staff, inside = [], False, False
    for line in script.splitlines():
        if line.startswith("# %%"):
            staff = '"staff"' in line
        elif line.strip().startswith("### "):
            inside = "BEGIN" in line
        elif not staff and not inside:
            kept.append(line.strip())
            kept.append(line.removeprefix("#").strip())  # markdown and magics are commented in the script
    return kept


def leaks(script: str, skeleton: nbformat.NotebookNode) -> list[str]:
    """The skeleton's lines that stand, or stand more often than allowed, only where staff may look."""
    shown = Counter(line.strip() for source in sources_of(skeleton) for line in source.splitlines())
    allowed = Counter(lines_outside_regions(script))
    return [line for line, count in shown.items() if count > allowed[line] and "raise NotImplementedError" not in line]


def test_no_staff_text_leaks() -> None:
    assert leaks(SCRIPT, build.skeleton_notebook({"gate": SCRIPT})) == [UNWRITTEN_PART]
    assert set(leaks(SCRIPT, build.solution_notebook({"gate": SCRIPT}))) > {
        "SECRET_OF_STAFF = 42",
        "learning_rate = 0.5",
    }


def test_no_course_solution_leaks() -> None:
    for path in sorted((Path(__file__).parents[1] / "solutions").glob("*.py")):
        script = path.read_text(encoding="utf-8")
        skeleton = build.skeleton_notebook({path.stem: script})
        skeleton.cells = [cell for cell in skeleton.cells if cell.id != "set-up"]
        assert set(leaks(script, skeleton)) <= {UNWRITTEN_PART}, path.name
        assert "SOLUTION" not in build.to_bytes(skeleton).decode(), path.name


def test_solution_keeps_answers_and_staff_cells_without_markers() -> None:
    text = "\n".join(sources_of(build.solution_notebook({"gate": SCRIPT})))
    for line in ("SECRET_OF_STAFF = 42", "Staff read this.", "        hidden = x @ self.weight", "learning_rate = 0.5"):
        assert line in text.splitlines()
    assert "SOLUTION" not in text
    assert "not written yet" not in text


def test_every_cell_of_both_notebooks_parses() -> None:
    for make in (build.solution_notebook, build.skeleton_notebook):
        for cell in make({"gate": SCRIPT}).cells:
            if cell.cell_type == "code" and not cell.source.startswith("!"):
                ast.parse(cell.source)


def test_cells_keep_their_ids_when_staff_cells_are_dropped() -> None:
    assert [cell.id for cell in build.solution_notebook({"gate": SCRIPT}).cells] == [
        f"gate-{n:02}" for n in range(1, 6)
    ]
    assert [cell.id for cell in build.skeleton_notebook({"gate": SCRIPT}).cells] == ["gate-01", "gate-02", "gate-05"]


def test_topics_follow_each_other_in_the_order_given() -> None:
    second = "# %% [markdown]\n# ## Second\n\n# %%\nx = 1\n"
    notebook = build.skeleton_notebook({"gate": SCRIPT, "aaa": second})
    assert notebook.cells[0].source.startswith("# Gates, 게이트")
    assert [cell.id for cell in notebook.cells][-2:] == ["aaa-01", "aaa-02"]


def test_magics_cell_metadata_and_colab_metadata() -> None:
    notebook = build.skeleton_notebook({"gate": SCRIPT})
    assert notebook.cells[1].source == "!pip install -q something\n%matplotlib inline\nimport torch"
    assert notebook.cells[2].metadata == {"cellView": "form"}
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.accelerator == "GPU"
    assert notebook.metadata.colab.toc_visible is True
    assert "jupytext" not in notebook.metadata


def test_bytes_are_reproducible_and_valid() -> None:
    first = build.to_bytes(build.skeleton_notebook({"gate": SCRIPT}))
    assert first == build.to_bytes(build.skeleton_notebook({"gate": SCRIPT}))
    assert first.endswith(b"}\n") and not first.endswith(b"\n\n")
    assert "게이트" in first.decode()
    assert first.startswith(b'{\n "cells": [\n  {\n   "cell_type"')
    nbformat.validate(json.loads(first))


def test_appended_cell_comes_last_and_leaves_the_notebook_alone() -> None:
    notebook = build.solution_notebook({"gate": SCRIPT})
    before = build.to_bytes(notebook)
    extended = json.loads(build.notebook_with_cell(notebook, "def gate():\n    return 0\n"))
    assert build.to_bytes(notebook) == before
    assert "".join(extended["cells"][-1]["source"]) == "def gate():\n    return 0"
    assert extended["cells"][:-1] == json.loads(before)["cells"]
    nbformat.validate(extended)


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        ("### END SOLUTION\nx = 1", "### END SOLUTION", "without '### BEGIN SOLUTION'"),
        ("### BEGIN SOLUTION\nx = 1", "### BEGIN SOLUTION", "without '### END SOLUTION'"),
        ("### BEGIN SOLUTION\nx = 1\n### BEGIN SOLUTION # \n### END SOLUTION", "### BEGIN SOLUTION # ", "is no marker"),
        ("# begin solution\nx = 1\n# end solution", "# begin solution", "is no marker"),
        ("x = 1  ### BEGIN SOLUTION", "x = 1  ### BEGIN SOLUTION", "is no marker"),
        ("### BEGIN SOLUTION\n# later\n### END SOLUTION", "### BEGIN SOLUTION", "holds no statement"),
        ("f(\n### BEGIN SOLUTION\n1\n### END SOLUTION\n)", "### BEGIN SOLUTION", "holds no statement"),
        ("x = 1\ny = (", "y = (", "does not parse"),
        ("### BEGIN SOLUTION\nif x:\n### END SOLUTION\n    y = 1", "### BEGIN SOLUTION", "what is left does not parse"),
    ],
)
def test_errors_name_file_and_line(body: str, line: str, says: str) -> None:
    script = f"# %% [markdown]\n# # Title\n\n# %%\nimport torch\n\n# %%\n{body}\n"
    message = skeleton_error(script)
    assert message.startswith(f"staff/solutions/gate.py, line {line_of(script, line)}: ")
    assert says in message


def test_nested_region() -> None:
    script = "# %%\n### BEGIN SOLUTION\nx = 1\n### BEGIN SOLUTION\ny = 1\n### END SOLUTION\n"
    message = skeleton_error(script)
    assert message.startswith("staff/solutions/gate.py, line 4: ")
    assert message.endswith("inside the region begun at line 2")


def test_region_may_not_span_cells() -> None:
    message = skeleton_error("# %%\n### BEGIN SOLUTION\nx = 1\n\n# %%\ny = 1\n### END SOLUTION\n")
    assert message.startswith("staff/solutions/gate.py, line 2: ")


def test_region_in_markdown_is_refused() -> None:
    message = skeleton_error("# %% [markdown]\n# ### BEGIN SOLUTION\n# the answer\n# ### END SOLUTION\n")
    assert message.startswith("staff/solutions/gate.py, line 2: ")
    assert "tag the cell 'staff'" in message


@pytest.mark.parametrize("script", ["# Staff only!\n\n# %%\nx = 1\n", '# %%\ntext = 1\n\n# %%\ny = """\n# %%\n"""\n'])
def test_text_that_belongs_to_no_cell_is_refused(script: str) -> None:
    assert "Nothing may stand before the first '# %%' line" in skeleton_error(script)


@pytest.mark.parametrize("marker", ["# %% staff", '# %% tags=["Staff"]', "# %% [markdown] (staff)"])
def test_staff_tag_written_otherwise_is_refused(marker: str) -> None:
    message = skeleton_error(f"# %%\nx = 1\n\n{marker}\n# secret\n")
    assert message == f"staff/solutions/gate.py, line 4: '{marker}' does not tag the cell; write tags=[\"staff\"]"


def test_invalid_cell_metadata() -> None:
    message = skeleton_error('# %% tags="staff"\nx = 1\n')
    assert message == "staff/solutions/gate.py: not a notebook: 'staff' is not of type 'array'"


def test_cell_with_magics_that_does_not_parse() -> None:
    script = "# %%\n# !ls\nx = (\n"
    assert "does not parse" in skeleton_error(script)


def test_jupytext_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_jupytext(name: str, *arguments: Any, **options: Any) -> types.ModuleType:
        if name == "jupytext":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_jupytext)
    with pytest.raises(BuildError, match=r"pip install jupytext"):
        build.solution_notebook({"gate": SCRIPT})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    solutions = tmp_path / "한글 folder" / "staff" / "solutions"
    solutions.mkdir(parents=True)
    (solutions / "gate.py").write_text(SCRIPT, encoding="utf-8")
    return tmp_path / "한글 folder"


HW4 = load(project_root())["hw4"]
COURSE = [replace(HW4, notebooks={"Gates.ipynb": ("gate",), "later.ipynb": ()})]


def test_notebooks_are_written_and_then_not_stale(project: Path) -> None:
    assert build.stale_notebooks(project, COURSE) == ["Gates.ipynb"]
    assert build.write_notebooks(project, COURSE) == [project / "notebooks" / "Gates.ipynb"]
    assert [path.name for path in (project / "notebooks").iterdir()] == ["Gates.ipynb"]
    assert (project / "notebooks" / "Gates.ipynb").read_bytes() == build.to_bytes(
        build.skeleton_notebook({"gate": SCRIPT})
    )
    assert build.stale_notebooks(project, COURSE) == []
    build.write_notebooks(project, COURSE)


def test_edited_notebook_or_solution_is_stale(project: Path) -> None:
    (path,) = build.write_notebooks(project, COURSE)
    path.write_bytes(path.read_bytes() + b" ")
    assert build.stale_notebooks(project, COURSE) == ["Gates.ipynb"]
    build.write_notebooks(project, COURSE)
    script = project / "staff" / "solutions" / "gate.py"
    script.write_text(SCRIPT.replace("The first cell leads", "It leads"), encoding="utf-8")
    assert build.stale_notebooks(project, COURSE) == ["Gates.ipynb"]


def test_missing_script_and_broken_script_write_nothing(project: Path) -> None:
    course = [replace(HW4, notebooks={"Gates.ipynb": ("gate",), "Other.ipynb": ("other",)})]
    with pytest.raises(
        BuildError, match=r"staff/solutions/other\.py is missing, but assignments\.toml names its topic"
    ):
        build.write_notebooks(project, course)
    assert not (project / "notebooks").exists()
