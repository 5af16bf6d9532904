"""The figures of a class for other programs: the questions as CSV, and all of it as JSON."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict

from autograder.gradebook.gradebook import Gradebook
from autograder.pages.class_figures import (
    QuestionFigures,
    Tier,
    mistakes_made,
    model_figures,
    question_figures,
    totals_of,
)
from autograder.pages.roll import Entry, roll_of
from autograder.pages.statistics import spread_of
from autograder.pages.watch import warnings_of

_SPREAD = ("n", "mean", "least", "lower", "median", "upper", "most")
_SECONDS = ("seconds_median", "seconds_most")  # of wall time, for one student
COLUMNS = ("question", "points", *_SPREAD, "right", "discrimination", "ungraded", "time_limits", *_SECONDS)


def csv_figures(gradebook: Gradebook, section: str = "") -> str:
    """A line for each question under `COLUMNS`: quartiles are lower, median and upper. Raises GradebookError."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in question_figures(gradebook, roll_of(gradebook, section)):
        writer.writerow(round(value, 4) if isinstance(value, float) else value for value in _row(one).values())
    return file.getvalue()


def _row(one: QuestionFigures) -> dict[str, object]:
    spread = asdict(one.spread) if one.spread else {"n": 0, **dict.fromkeys(_SPREAD[1:])}
    rest = {"right": one.right, "discrimination": one.discrimination, "ungraded": one.ungraded}
    seconds = dict(zip(_SECONDS, (one.seconds.median, one.seconds.most) if one.seconds else (None, None), strict=True))
    return {"question": one.question, "points": one.most, **spread, **rest, "time_limits": one.time_limits, **seconds}


def json_figures(gradebook: Gradebook, section: str = "", anonymous: bool = False) -> str:
    """What the class page shows, with students by ID or pseudonym. Raises GradebookError."""
    entries, assignment = roll_of(gradebook, section, anonymous), gradebook.assignment
    totals = spread_of(totals_of(entries))
    mistakes = [
        {"question": one.question, "mistake": one.diagnosis, "students": _shown(one.entries)}
        for one in mistakes_made(entries)
    ]
    warnings = [
        {
            "question": one.question,
            "reason": str.__str__(one.reason),
            "students": _shown(one.entries),
            "agreeing": [_shown(group) for group in one.alike],
        }
        for one in warnings_of(gradebook, entries)
    ]
    models = [
        {"question": one.question, "total": one.total, "tiers": [_tier(tier) for tier in one.tiers]}
        for one in model_figures(gradebook, entries)
    ]
    figures = {
        "assignment": assignment.name,
        "students": len(entries),
        "totals": asdict(totals) if totals else None,
        "questions": [_row(one) for one in question_figures(gradebook, entries)],
        "mistakes": mistakes,
        "warnings": warnings,
        "models": models,
    }
    return json.dumps(figures, ensure_ascii=False, indent=2) + "\n"


def _tier(tier: Tier) -> dict[str, object]:
    return {"tier": tier.number, "least": tier.least, "most": tier.most, "students": _shown(tier.entries)}


def _shown(entries: Sequence[Entry]) -> list[str]:
    return [entry.shown for entry in entries]
