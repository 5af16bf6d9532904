"""What is written about similarity: a page that needs no other file, a table as CSV, and all of it as JSON."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from autograder.classroom.similarity.passages import sides
from autograder.classroom.similarity.similar import Row, Similarity, Subject
from autograder.gradebook.replacing import replacing
from autograder.gradebook.sheets import cell
from autograder.messages import ENGLISH
from autograder.pages.template import BASE, inlined, template

MOST_SHOWN = 200  # pairs side by side; the tables hold all
_COLUMNS = (
    *("kind", "what", "notebook", "one", "other", "similarity", "shared", "first", "names"),
    *("source", "others_source"),
)


def write_files(similarity: Similarity, folder: Path) -> list[Path]:
    """Writes similar.html, similar.csv and similar.json into a folder, for its owner alone. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    page, table, data = (folder / f"similar.{suffix}" for suffix in ("html", "csv", "json"))
    with replacing(page) as file:
        file.write(page_of(similarity))
    with replacing(table, "utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows(map(cell, row_of(row)) for row in similarity.rows)
    with replacing(data) as file:
        file.write(json_of(similarity))
    return [page, table, data]


def row_of(row: Row) -> tuple[str, ...]:
    """A pair as a line of the table, under _COLUMNS."""
    subject, pair = row.subject, row.pair
    about = subject.kind, subject.title, subject.notebook, pair.ours.who, pair.theirs.who
    return *about, f"{pair.score:.3f}", str(pair.shared), row.first, row.names, *row.sources


def json_of(similarity: Similarity) -> str:
    """All of it but the code."""
    told: dict[str, Any] = {
        "assignment": similarity.title,
        "people": similarity.people,
        "pairs": [dict(zip(_COLUMNS, row_of(row), strict=True)) for row in similarity.rows],
        "clusters": [list(members) for members in similarity.clusters],
        "compared": [_subject(subject) for subject in similarity.subjects],
        "too_short": [subject.title for subject in similarity.too_short],
        "without_code": list(similarity.without),
        "problems": list(similarity.problems),
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _subject(subject: Subject) -> dict[str, Any]:
    compared = subject.compared
    return {
        "kind": subject.kind,
        "what": subject.title,
        "pairs": len(compared.pairs),
        "long_enough": compared.long_enough,
        "works": compared.number,
        "scores_in_tenths": [compared.scores.get(tenth, 0) for tenth in range(10)],
    }


def page_of(similarity: Similarity) -> str:
    """The page as HTML."""
    rows = [(row, *sides(row.subject, row.pair)) for row in similarity.rows[:MOST_SHOWN]]
    return _template().render(similarity=similarity, rows=rows, most=MOST_SHOWN)


@cache
def _template() -> jinja2.Template:
    folder = Path(__file__).parent / "templates"
    style, style_hash = inlined(BASE, folder / "similar.css")
    return template(folder / "similar.html", {"style": style, "style_hash": style_hash, "language": ENGLISH})
