"""What must be the same in grader and judge, so that a mark does not depend on where it was made."""

import platform
from importlib.metadata import version
from typing import Any

import autograder
from autograder.course.course import Course
from autograder.course.fingerprints import engine_version, fingerprint, module_version
from autograder.models.measure import MEASURING

LOWEST_TIER = 2


def versions_of(course: Course) -> dict[str, str]:
    """The versions of what marks, by name; the course's holds for its checks, cases, limits, data and seed."""
    asked = [question for notebook in course.questions for question in course.checks_by_question(notebook)]
    return {
        "Python": platform.python_version(),
        "torch": version("torch"),
        "autograder": autograder.__version__,
        "code of autograder": fingerprint(
            engine_version(), module_version("autograder.classroom.examiner", *MEASURING)
        ),
        "course": fingerprint(*(course.key(question, "") for question in asked)),
    }


def settings_of(course: Course, seconds: float | None) -> dict[str, object]:
    """What a judge loads the course by; `seconds` replace the manifest's limit of each question."""
    seed = course.seed if isinstance(course.seed, int) else None
    return {"assignment": course.assignment.name, "seconds": seconds, "seed": seed}


def refusal_of(report: dict[str, Any], ours: dict[str, str]) -> str:
    """Why a judge that reports so must not mark; "" if it may."""
    if report["tier"] > LOWEST_TIER or not report["tier"]:
        layers = ", ".join(report["layers"]) or "nothing"
        return f"its tier is {report['tier']} ({layers} holds there), expected 1 or {LOWEST_TIER}"
    for name, version_here in ours.items():
        if (there := report["versions"].get(name)) != version_here:
            return f"its {name} is {there}, expected {version_here} as here"
    return ""
