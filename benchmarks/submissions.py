"""Made-up classes for the benchmarks: solutions, right answers written differently, wrong and hostile ones."""

import io
import json
import tarfile
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from autograder.authoring.answers import Answer, answered_notebook, read_answer
from autograder.authoring.build import read_sources, solution_notebook, to_bytes
from autograder.course.manifest import load

CODE_NOTEBOOKS = {
    "hw4": ("hw4_rnn.ipynb", "hw4_seq2seq.ipynb", "hw4_vit.ipynb"),
    "assignment2": ("Assignment2-1_RNN.ipynb",),
}
# Bodies of `gru_forward` that do not return, one after the other.
HOSTILE = (
    "while True: pass",
    "import time; time.sleep(3600)",
    "hoard = [torch.ones(1 << 28) for _ in range(1 << 10)]",
    "import os; os._exit(0)",
    "while True: print('again' * 1000)",
    "import os\nwhile True: os.fork()",
    "import ctypes; ctypes.string_at(0)",
)
Submission = Mapping[str, bytes]  # the name of each notebook in it, and its content


def submissions(root: Path, assignment: str, count: int, hostile: float = 0.0) -> Iterator[Submission]:
    """What `count` students hand in: the notebooks of CODE_NOTEBOOKS, of which no two are the same.

    They hold the answers of `answered_notebooks` in turn. Of assignment 2, every so many attack the grader instead, so
    that their share is `hostile`.
    """
    topics = load(root)[assignment].notebooks
    columns = {name: answered_notebooks(root, topics[name][0]) for name in CODE_NOTEBOOKS[assignment]}
    attacks = hostile_notebooks(root) if hostile else []
    every = round(1 / hostile) if hostile else count + 1
    for number in range(count):
        if number % every == every - 1:
            chosen = {CODE_NOTEBOOKS[assignment][0]: attacks[number // every % len(attacks)]}
        else:
            chosen = {name: kinds[number % len(kinds)] for name, kinds in columns.items()}
        yield {name: _signed(content, number) for name, content in chosen.items()}


def answered_notebooks(root: Path, topic: str) -> list[bytes]:
    """The solution of a topic, variants, and mutants that break no rule: a class in which not everybody is right."""
    sources = read_sources(root, [topic])
    paths = [path for kind in ("variants", "mutants") for path in sorted(root.glob(f"staff/{kind}/{topic}/*.py"))]
    answers = [answer for answer in map(read_answer, paths) if not _breaks_a_rule(answer)]
    return [to_bytes(solution_notebook(sources)), *(answered_notebook(sources, answer) for answer in answers)]


def hostile_notebooks(root: Path) -> list[bytes]:
    """Solutions of the GRU with a last cell in which `gru_forward` is one of HOSTILE."""
    sources = read_sources(root, ["gru"])
    head = "def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):\n"
    bodies = [head + textwrap.indent(code, "    ") for code in HOSTILE]
    return [answered_notebook(sources, Answer(root, {}, body)) for body in bodies]


def _breaks_a_rule(answer: Answer) -> bool:
    """Whether a mutant is there for a forbidden call."""
    return any(expected.diagnosis == "forbidden call" for expected in answer.questions.values())


def _signed(content: bytes, number: int) -> bytes:
    """A notebook with one more cell, a comment that no other student has."""
    notebook = json.loads(content)
    comment = {"cell_type": "code", "id": "by-whom", "metadata": {}, "source": f"# by student {number}"}
    notebook["cells"].append({**comment, "outputs": [], "execution_count": None})
    return json.dumps(notebook).encode()


def pack(folder: Path, classes: Iterable[Submission]) -> None:
    """Writes one archive for each submission; those that are there already stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, contents in enumerate(classes):
        path = folder / f"2024-{20000 + number}.tar.gz"
        if path.exists():
            continue
        unfinished = path.with_suffix(".part")
        with tarfile.open(unfinished, "w:gz", compresslevel=1) as archive:
            for name, content in contents.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        unfinished.replace(path)
