"""docs/results.md: what the solutions reach, from the executed notebooks, their records and their TensorBoard logs."""

from pathlib import Path

from reference_runs import curves
from reference_runs.figures import QUESTIONS, Model, Question, Reached, read_reached
from reference_runs.record import Record, read_record

HEAD = """\
# What the solutions reach

What the course's own solutions reach on real data, for every accuracy question. This page is written by

```sh
make references DATA=DIR    # DIR is a data directory, see data.md
```

It trains each solution notebook with fixed seeds and without a GPU: as many notebooks at a time as there are cores,
with one thread each. After an interruption the same command continues ([authors.md](authors.md#reference-runs)).

"""
TABLE = """\
| question | threshold | reached | epochs | minutes | peak memory, MiB |
|---|---|---|---|---|---|
"""
NOTES = """
{machines}\
Figures are those that the notebooks printed. Minutes are the wall time of the whole notebook, with reading the data and
evaluation; memory is the largest resident size of the notebook's kernel. In the pictures, solid lines are validation
and dashed lines training; the dotted line is the threshold, which is for the test set.
"""


def write_page(docs: Path, out: Path) -> None:
    """Writes `docs`/results.md and `docs`/results/*.svg from the runs below `out`; notebooks may be missing.

    Raises RecordError.
    """
    pictures = docs / "results"
    pictures.mkdir(parents=True, exist_ok=True)
    rows, sections, machines = [], [], set()
    for question in QUESTIONS:
        folder = out / question.assignment
        notebook = folder / question.notebook
        reached = read_reached(question, notebook)
        record = read_record(notebook.with_suffix(".json"))
        picture = pictures / f"{question.label}.svg"
        picture.unlink(missing_ok=True)
        rows.append(_row(question, reached, record))
        if reached is not None:
            runs = curves.read_runs(folder / "runs" / question.topic)
            if runs:
                curves.draw(runs, question.quantities, (question.measure, question.threshold), picture)
            sections.append(_section(question, reached, picture if runs else None))
            machines |= {record.machine} if record else set()
    notes = NOTES.format(machines="".join(f"The machine: {one}.\n" for one in sorted(machines)))
    text = HEAD + TABLE + "".join(rows) + notes + "".join(sections)
    (docs / "results.md").write_text(text, encoding="utf-8")


def _row(question: Question, reached: Reached | None, record: Record | None) -> str:
    if reached is None:
        cells = ["not run", "", "", ""]
    else:
        best, models = reached.best, reached.models
        epochs = str(sum(model.epochs for model in models)) + f" ({len(models)} models)" * (len(models) > 1)
        took = [f"{record.seconds / 60:.1f}", f"{record.peak_mib:,.0f}"] if record else ["not measured"] * 2
        cells = [question.text(best.figure) + f" (`{best.name}`)" * bool(best.name), epochs, *took]
    return _line([f"{question.label}, `{question.notebook}`", question.asked_for, *cells])


def _section(question: Question, reached: Reached, picture: Path | None) -> str:
    lines = [f"\n## {question.label}. {question.title}\n"]
    if reached.data:
        lines.append(f"\nData: {reached.data.split(';')[0]}.\n")
    if reached.best.name:
        lines += ["\n", _models(question, reached.models)]
    if picture is not None:
        lines.append(f"\n![Curves of {question.label} over the epochs]({picture.parent.name}/{picture.name})\n")
    return "".join(lines)


def _models(question: Question, models: tuple[Model, ...]) -> str:
    """A table of single models; it has only the columns that the notebook tells."""
    columns = {
        "model": [f"`{model.name}`" for model in models],
        "parameters": [model.parameters for model in models],
        f"test {question.measure}": [f"{model.figure:.2f}{question.unit}" for model in models],
        "epochs": [str(model.epochs) for model in models],
        "minutes of training": ["" if model.minutes is None else f"{model.minutes:.1f}" for model in models],
    }
    told = {name: cells for name, cells in columns.items() if any(cells)}
    rows = [list(told), ["---"] * len(told), *map(list, zip(*told.values(), strict=True))]
    return "".join(map(_line, rows))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
