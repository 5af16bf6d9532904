"""Reading: whatever Jupyter, Colab or a student's editor left in the file."""

import ast
import json
import subprocess
import sys
from typing import Any

import pytest

from autograder.notebook.notebook import Notebook, UnreadableNotebook, read
from autograder.notebook.repair import Kind, Repair
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox


def ipynb(*sources: str, **extra: Any) -> bytes:
    cells = [{"cell_type": "code", "source": source.splitlines(keepends=True), "metadata": {}} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 0, "metadata": {}, "cells": cells, **extra}).encode()


def test_cells_are_counted_among_code_cells_and_keep_their_lines() -> None:
    data = json.loads(ipynb("x = 1\n", "\n\ndef f():\n    return x"))
    data["cells"].insert(1, {"cell_type": "markdown", "source": "# x = 2"})
    data["cells"].insert(2, {"cell_type": "raw", "source": "x = 3"})
    notebook = read(json.dumps(data).encode())
    assert [cell.number for cell in notebook.cells] == [1, 2]
    tree = notebook.cells[1].tree
    assert tree is not None and tree.body[0].lineno == 3
    assert notebook.definitions == {"x": [1], "f": [2]}
    assert notebook.unreadable == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    assert read(ipynb("이름 = 'ㄱ'").decode().encode(encoding)).definitions == {"이름": [1]}


def test_korean_and_stray_bytes_are_kept_or_replaced() -> None:
    data = ipynb("name = 'X'").replace(b"X", "한글".encode("cp949"))
    assert read(data).definitions == {"name": [1]}


def test_format_3_is_read() -> None:
    sheet = {"cells": [{"cell_type": "code", "input": ["a = 1\n", "b = 2"], "language": "python"}, "junk"]}
    data = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet, None, {}]}
    assert read(json.dumps(data).encode()).definitions == {"a": [1], "b": [1]}


def test_an_invalid_notebook_is_read_all_the_same() -> None:
    cells = [None, 3, {"cell_type": "code"}, {"cell_type": "code", "source": [1, "x = 1"], "outputs": "none", "id": 5}]
    notebook = read(json.dumps({"cells": cells, "metadata": [], "nbformat": "four"}).encode())
    assert [cell.text for cell in notebook.cells] == ["", "x = 1"]


def test_huge_metadata_and_outputs_never_reach_the_export() -> None:
    data = json.loads(ipynb("x = 1", metadata={"widgets": {"state": "y" * 2_000_000}}))
    data["cells"][0]["outputs"] = [{"output_type": "stream", "text": ["z" * 1000] * 1000}]
    assert read(json.dumps(data).encode()).cells[0].source == "x = 1"


# What is repaired is noted


def sheet(*cells: object, **extra: Any) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **extra}).encode()


def code(source: object, **extra: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source, **extra}


SOUND = sheet(code("이름 = 1", id="a"), {"cell_type": "markdown", "metadata": {}, "source": "# x", "id": "b"})
TEXT = SOUND.decode()


def told(notebook: Notebook) -> list[tuple[str, str]]:
    """The repairs of a notebook as pairs."""
    return [(repair.kind, repair.note) for repair in notebook.repairs]


@pytest.mark.parametrize(
    ("data", "repairs"),
    [
        (SOUND, []),
        (b"\xef\xbb\xbf" + SOUND, [("encoding", "it begins with a byte order mark, which was dropped")]),
        (TEXT.encode("utf-16"), [("encoding", "it is encoded in UTF-16, not in UTF-8, and was read as such")]),
        (TEXT.encode("utf-16-be"), [("encoding", "it is encoded in UTF-16, not in UTF-8, and was read as such")]),
        (
            json.dumps(json.loads(SOUND), ensure_ascii=False).encode("cp949"),
            [("encoding", "it is encoded in cp949, not in UTF-8, and was read as such")],
        ),
        (
            SOUND.replace(b"# x", b"\xff\xff"),
            [("encoding", "it holds bytes that are in no known encoding; they were replaced")],
        ),
        (
            SOUND.replace(b'"nbformat": 4', b'"nbformat": 5'),
            [("notebook format", "it is of format 5, not of 4, and was read all the same")],
        ),
        (
            SOUND.replace(b'"nbformat": 4, ', b""),
            [("invalid notebook", "it does not say which notebook format it has")],
        ),
    ],
)
def test_a_repair_of_the_file_is_told(data: bytes, repairs: list[tuple[str, str]]) -> None:
    notebook = read(data)
    assert (told(notebook), notebook.definitions) == (repairs, {"이름": [1]})


@pytest.mark.parametrize("number", [2, 3])
def test_former_formats_are_told(number: int) -> None:
    old = {"cell_type": "code", "input": "a = 1", "outputs": [], "language": "python"}
    data = {"nbformat": number, "worksheets": [{"cells": [old, {"cell_type": "heading", "source": "x", "level": 1}]}]}
    notebook = read(json.dumps(data).encode())
    assert notebook.definitions == {"a": [1]}
    assert told(notebook) == [("notebook format", f"it is of format {number}, not of 4, and was read all the same")]


@pytest.mark.parametrize(
    ("cells", "slip"),
    [
        ([None, code("x = 1")], "cell 1 is no cell"),
        ([code("x = 1", id="a"), code("y = 1", id="a")], "cell 2 has the id of another"),
        ([{"source": "y"}, code("x = 1")], "cell 1 has no type"),
        ([code(None), code("x = 1")], "code cell 1 has no source"),
        ([code("x = 1", outputs=None)], "code cell 1 has no outputs"),
        ([code("x = 1", outputs=None)] * 3, "code cell 1 has no outputs (and 2 more of this kind)"),
        ([code("x = 1", outputs=None)] * 2, "code cell 1 has no outputs (and 1 more of this kind)"),
    ],
)
def test_what_is_not_valid_is_told_once(cells: list[object], slip: str) -> None:
    notebook = read(sheet(*cells))
    assert told(notebook) == [("invalid notebook", f"it is not valid: {slip}; it was read all the same")]
    assert "x" in notebook.definitions


def conflict(first: str, second: str, base: str | None = None) -> str:
    middle = "" if base is None else f"||||||| 1a2b3c4\n{base}"
    return f"<<<<<<< HEAD\n{first}{middle}=======\n{second}>>>>>>> theirs\n"


@pytest.mark.parametrize("base", [None, ' "x = 0"\n'])
def test_of_a_merge_conflict_the_first_side_is_taken(base: str | None) -> None:
    text = sheet(code("X")).decode().replace('"X"', "\n" + conflict(' "x = 1"\n', ' "y = 2"\n', base))
    notebook = read(text.encode())
    assert notebook.definitions == {"x": [1]}
    assert told(notebook) == [("merge conflict", "the first side of 1 merge conflict in it was taken")]


def test_the_second_side_is_taken_where_the_first_is_no_notebook() -> None:
    text = sheet(code("X")).decode().replace('"X"', "\n" + conflict(' "x = 1",\n,\n', '"y = 2"\n'))
    notebook = read(text.encode())
    assert notebook.definitions == {"y": [1]}
    assert told(notebook) == [("merge conflict", "the second side of 1 merge conflict in it was taken")]


def test_conflicts_of_which_no_side_is_a_notebook_are_named() -> None:
    with pytest.raises(UnreadableNotebook, match="merge conflicts stand in it, and neither side alone is a notebook"):
        read((conflict("{\n", "[\n") + "{").encode())


def test_a_conflict_inside_a_cell_keeps_its_lines() -> None:
    source = "a = 1\n" + conflict("x = 1\nz = 2\n", "y = 2\n") + "def f():\n    pass\n" + conflict("b = 1\n", "c = 1\n")
    notebook = read(sheet(code("pass"), code(source)))
    tree = notebook.cells[1].tree
    assert tree is not None
    assert notebook.definitions == {"a": [2], "x": [2], "z": [2], "f": [2], "b": [2]}
    assert [source.split("\n")[node.lineno - 1] for node in tree.body] == [
        "a = 1",
        "x = 1",
        "z = 2",
        "def f():",
        "b = 1",
    ]
    assert told(notebook) == [("merge conflict", "the first side of 2 merge conflicts in code cell 2 was taken")]


def test_strings_that_look_like_half_a_conflict_stay() -> None:
    notebook = read(sheet(code("x = 1\n=======\n")))
    assert notebook.repairs == [] and notebook.cells[0].text == "x = 1\n=======\n"


def test_repairs_come_from_the_worker(sandbox: Sandbox) -> None:
    data = b"\xef\xbb\xbf" + sheet(code("x = 1", outputs=None))
    with Session(sandbox.fork, data, "hw4_vit.ipynb", 60) as session:
        session.open()
    assert session.outline.repairs == [
        Repair(Kind.ENCODING, "it begins with a byte order mark, which was dropped"),
        Repair(Kind.INVALID_NOTEBOOK, "it is not valid: code cell 1 has no outputs; it was read all the same"),
    ]
    assert session.outline.repairs[0].of("hw4_vit.ipynb").note.startswith("hw4_vit.ipynb: it begins with")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is empty"),
        (b"  \n", "it is empty"),
        (b'{"cells": [', "not valid JSON"),
        (b"PK\x03\x04\xff\xfe", "not valid JSON"),
        (b"[1, 2]", "no list of cells"),
        (b"{}", "no list of cells"),
        (b'{"cells": {}}', "no list of cells"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"cells": [' + b"[]," * 10_000 + b"{}]}", "more than 10,000 cells"),
        (b'{"cells": [{"outputs": [' + b"0," * 100_000 + b"0]}]}", "more than 100,000 outputs"),
        (b'{"cells": [{"source": ["' + b"x" * (16 << 20) + b'", "y"]}]}', "more than 16 million characters"),
    ],
)
def test_what_is_no_notebook_is_refused_in_plain_words(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableNotebook, match=words):
        read(data)


@pytest.mark.parametrize("magic", ["%%time", "%%timeit -n 1", "%%capture output", "%%prun", "\n%%time\n%%capture"])
def test_timing_magics_leave_their_body(magic: str) -> None:
    notebook = read(ipynb(f"{magic}\ndef f():\n    pass"))
    tree = notebook.cells[0].tree
    assert tree is not None and isinstance(tree.body[0], ast.FunctionDef)
    assert tree.body[0].lineno == magic.count("\n") + 2


def test_magics_and_shell_lines_become_python_on_the_same_lines() -> None:
    source = (
        '!pip install \\\n  torchtext \\\n  -q\n%matplotlib inline\nx = !ls\ntorch.nn?\ntext = """\n%d \\\n!"""\ny = 1'
    )
    cell = read(ipynb(source)).cells[0]
    assert cell.tree is not None and cell.text == source
    assert cell.source.count("\n") == source.count("\n")
    assert {node.targets[0].id: node.lineno for node in cell.tree.body if isinstance(node, ast.Assign)} == {  # type: ignore[attr-defined]
        "x": 5,
        "text": 7,
        "y": 10,
    }


def test_other_cell_magics_cost_no_other_cell() -> None:
    notebook = read(ipynb("%%bash\nfor i in a; do ls; done", "x = 1"))
    assert notebook.unreadable == [] and notebook.definitions == {"x": [2]}


@pytest.mark.parametrize(
    "line", ["cd drive/MyDrive/hw 4", "pip install -q torchtext", "mkdir data", "git clone https://a.b/c"]
)
def test_shell_lines_without_escape_become_pass(line: str) -> None:
    cell = read(ipynb(f"{line}\nif True:\n    {line}\nx = 1")).cells[0]
    assert cell.error == "" and cell.source == "pass\nif True:\n    pass\nx = 1"


def test_an_indented_cell_works_as_in_ipython() -> None:
    notebook = read(ipynb("  x = 1\n  y = 2", "  # note\n  def f():\n      return 1"))
    assert notebook.definitions == {"x": [1], "y": [1], "f": [2]}


def test_prompts_that_were_pasted_are_dropped() -> None:
    assert read(ipynb(">>> x = 1\n>>> y = 2")).definitions == {"x": [1], "y": [1]}


def test_a_cell_that_does_not_parse_costs_that_cell_alone() -> None:
    notebook = read(ipynb("x = 1", "y = 2\ndef f(:\n    pass", "z = 3", "print 'a'", "cd"))
    assert [(one.cell, one.line, one.text, one.names) for one in notebook.unreadable] == [
        (2, 2, "def f(:", ("f",)),
        (4, 1, "print 'a'", ()),
    ]
    assert notebook.definitions == {"x": [1], "z": [3]}


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "(" * 500 + ")" * 500,
        "x = " + "-" * 50_000 + "1",
        "x = " + "+".join("1" * 50_000),
        "x = '\0'",
        "x = '\ud800'",
    ],
)
def test_source_that_the_parser_cannot_take_is_an_error_of_its_cell(source: str) -> None:
    notebook = read(ipynb(source, "y = 1"))
    assert [one.cell for one in notebook.unreadable] == [1] and notebook.unreadable[0].error
    assert notebook.definitions == {"y": [2]}


def test_a_deep_chain_of_branches_is_no_problem() -> None:
    branches = "".join(f"elif y == {number}:\n    x = {number}\n" for number in range(150))
    assert read(ipynb(f"y = 1\nif not y:\n    x = 0\n{branches}")).definitions == {"x": [1], "y": [1]}


def test_what_ipython_gives_up_on_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: str) -> str:
        raise RuntimeError("Input transformation still changing")

    monkeypatch.setattr("IPython.core.inputtransformer2.TransformerManager.transform_cell", fail)
    notebook = read(ipynb("%time x = 1", "y = 1"))
    assert notebook.unreadable[0].text == "%time x = 1" and notebook.definitions == {"y": [2]}


def test_a_warning_of_the_compiler_is_no_error() -> None:
    assert read(ipynb(r"x = '\d'; y = x is 'a'")).unreadable == []


def test_a_notebook_without_magics_is_read_without_ipython_and_any_without_nbconvert() -> None:
    code = (
        "import sys; from autograder.notebook.notebook import read; import autograder.notebook.outline as outline; "
        "outline.Outline.of(read(sys.stdin.buffer.read())); "
        "print(sorted({'IPython', 'nbconvert', 'torch'} & set(sys.modules)))"
    )

    def imported(content: bytes) -> str:
        reader = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, check=True)
        return reader.stdout.decode()

    assert imported(ipynb("x = 1", "def f():\n    return x")).strip() == "[]"
    assert imported(ipynb("%pwd")).strip() == "['IPython']"


def test_line_ends_of_windows_are_lines() -> None:
    notebook = read(ipynb("x = 1\r\ny = 2\r\n"))
    assert notebook.cells[0].text == "x = 1\ny = 2\n"
