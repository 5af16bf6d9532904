"""Notebooks that are not there under their names, and what stands in for them."""

from collections.abc import Mapping

import archives

from zoo import course
from zoo.entry import (
    ASSIGNMENT2,
    CHECKPOINTS,
    GRU,
    HW4,
    RNN,
    SEQ2SEQ,
    SHEETS,
    SWIN,
    THREE,
    VIT,
    WHO,
    ZIP,
    Entry,
    Reading,
    Row,
    complete,
    sheet,
    tarred,
    unreadable,
    without,
)
from zoo.files import CELLS

TWO = {name: SHEETS[name] for name in (RNN, SEQ2SEQ)}
# A script keeps no outputs, and the accuracy of 3e is read from those.
NO_OUTPUTS = {"3e": 0.0}


def entries() -> list[Entry]:
    """Renamed notebooks, scripts and backups, notebooks that are none."""
    return [*_renamed(), *_ambiguous(), *_scripts(), *_incomplete()]


def _packed(members: Mapping[str, str | bytes]) -> dict[str, bytes]:
    """A zip archive; a text is the name of a solved notebook that is taken for the content."""
    return {
        ZIP: archives.pack(
            "x.zip", {name: course.solved(of) if isinstance(of, str) else of for name, of in members.items()}
        )
    }


def _renamed() -> list[Entry]:
    own = {"final/rnn_final.ipynb": RNN, "번역.ipynb": SEQ2SEQ, "Untitled3.ipynb": VIT}
    return [
        Entry(
            "renamed",
            "all three notebooks under names of the student's own",
            lambda: _packed(own),
            complete(
                *(f"'{given}' was read as {name}, whose cells it holds" for given, name in own.items()),
                repairs=("notebook renamed",) * 3,
            ),
            readings={VIT: Reading(CELLS, {"ViT": (10,)})},
            contents={RNN: course.solved(RNN), SEQ2SEQ: course.solved(SEQ2SEQ)},
        ),
        Entry(
            "colab-copies",
            "the names that Colab gives to copies, in Korean and English",
            lambda: _packed({"hw4_vit의 사본.ipynb": VIT, "Copy of hw4_rnn.ipynb": RNN, SEQ2SEQ: SHEETS[SEQ2SEQ]}),
            complete(
                f"'Copy of hw4_rnn.ipynb' was read as {RNN}, whose cells it holds",
                f"'hw4_vit의 사본.ipynb' was read as {VIT}, whose cells it holds",
                repairs=("notebook renamed",) * 2,
            ),
            readings={VIT: Reading(CELLS, {"ViT": (10,)})},
            contents={RNN: course.solved(RNN)},
        ),
        Entry(
            "renamed-without-text",
            "renamed, and every cell of text deleted: the code's own lines suffice",
            lambda: _packed({"vit.ipynb": _code_alone(VIT), **TWO}),
            complete(f"'vit.ipynb' was read as {VIT}, whose cells it holds", repairs=("notebook renamed",)),
            readings={VIT: Reading(CELLS, {"ViT": (10,)})},
        ),
        Entry(
            "renamed-beside-the-right-name",
            "a copy under another name beside the notebook itself, which counts",
            lambda: _packed({"hw4_vit_backup.ipynb": VIT, **THREE}),
            complete("not graded, since there is another copy: 'hw4_vit_backup.ipynb'", repairs=("copies",)),
        ),
    ]


def _code_alone(name: str) -> bytes:
    return course.with_cells(name, [cell for cell in course.content(name)["cells"] if cell["cell_type"] == "code"])


def _ambiguous() -> list[Entry]:
    both = [*course.content(RNN)["cells"], *course.content(VIT)["cells"]]
    return [
        Entry(
            "renamed-twice",
            "two different versions under names of the student's own: a person has to choose",
            lambda: _packed({"vit_a.ipynb": VIT, "vit_b.ipynb": course.handed_out(VIT), **TWO}),
            without(
                VIT,
                notes=(
                    f"not graded, since more than one may be {VIT}: 'vit_a.ipynb', 'vit_b.ipynb'",
                    "other notebooks in it: 'vit_a.ipynb', 'vit_b.ipynb'",
                ),
            ),
        ),
        Entry(
            "two-in-one",
            "one notebook with the cells of two",
            lambda: _packed({"hw4.ipynb": course.with_cells(RNN, both), SEQ2SEQ: SHEETS[SEQ2SEQ]}),
            without(RNN, VIT, notes=("other notebooks in it: 'hw4.ipynb'",)),
        ),
        Entry(
            "other-assignment",
            "the notebooks of another assignment",
            lambda: _packed({GRU: GRU, SWIN: SWIN}),
            without(*HW4, notes=(f"other notebooks in it: '{GRU}', '{SWIN}'",)),
        ),
        Entry(
            "unrelated-notebook",
            "a notebook that has nothing to do with the course",
            lambda: _packed({"titanic.ipynb": sheet("titanic"), **TWO}),
            without(VIT, notes=("other notebooks in it: 'titanic.ipynb'",)),
        ),
    ]


def _scripts() -> list[Entry]:
    script = f"'hw4_vit.py' is a script; it was read as {VIT} without outputs"
    return [
        Entry(
            "script-of-jupyter",
            "a notebook downloaded as .py from Jupyter: a cell for each mark in it",
            lambda: _packed({"hw4_vit.py": course.exported(VIT, marks=True), **TWO}),
            complete(script, repairs=("script",)),
            readings={VIT: Reading(CELLS + 1, {"ViT": (11,)}, lost=NO_OUTPUTS)},
        ),
        Entry(
            "script-of-colab",
            "a notebook downloaded as .py from Colab: one cell",
            lambda: _packed({"hw4_vit.py": course.exported(VIT, marks=False), **TWO}),
            complete(script, repairs=("script",)),
            readings={VIT: Reading(1, {"ViT": (1,)}, lost=NO_OUTPUTS)},
        ),
        Entry(
            "script-renamed",
            "the same under a name of the student's own",
            lambda: _packed({"submission.py": course.exported(VIT, marks=False), **TWO}),
            complete(f"'submission.py' is a script; it was read as {VIT} without outputs", repairs=("script",)),
            readings={VIT: Reading(1, {"ViT": (1,)}, lost=NO_OUTPUTS)},
        ),
        Entry(
            "script-beside-its-notebook",
            "the script beside the notebook: nobody needs it",
            lambda: _packed({"hw4_vit.py": b"x = 1\n", "utils.py": b"y = 1\n", **THREE}),
            complete(),
        ),
    ]


def _incomplete() -> list[Entry]:
    backup = ".ipynb_checkpoints/hw4_vit-checkpoint.ipynb"
    models = {f"{CHECKPOINTS}assignment2-1-2/gru.pt": b"", f"{CHECKPOINTS}report.md": b""}
    return [
        Entry(
            "backups-only",
            "nothing but the copies that Jupyter keeps for itself",
            lambda: _packed({backup: VIT}),
            without(
                RNN,
                SEQ2SEQ,
                notes=(f"'{backup}' is a backup that Jupyter made; it was read as {VIT}",),
                repairs=("backup",),
            ),
            readings={VIT: Reading(CELLS, {"ViT": (10,)})},
        ),
        Entry(
            "checkpoints-only",
            "saved models without any notebook",
            tarred(models),
            (Row(WHO, WHO, (), ASSIGNMENT2, (f"missing: {', '.join(ASSIGNMENT2)}",)),),
            "assignment2",
        ),
        Entry(
            "one-notebook-missing",
            "two of three notebooks",
            lambda: _packed(TWO),
            without(VIT),
        ),
        Entry(
            "report-only",
            "no notebook, but a PDF",
            lambda: _packed({"report.pdf": b"%PDF-1.7\n"}),
            without(*HW4),
        ),
        Entry(
            "folders-only",
            "the folders of the bundle, without anything in them",
            lambda: {ZIP: archives.pack("x.zip", {f"{WHO}/": b"", f"{WHO}/notebooks/": b""})},
            unreadable("there is no file in it"),
        ),
    ]
