"""In the student's process: an error in the form in which the grader is told of it."""

from typing import Any

from autograder.worker.namespace import locate


def explain(error: BaseException) -> dict[str, Any]:
    """What went wrong and where, of an error whose own methods may fail."""
    told: dict[str, Any] = {"kind": type(error).__name__[:80], "message": ""}
    try:
        told["message"] = " ".join(str(error).split())[:400]
        if isinstance(error, ModuleNotFoundError):
            told["module"] = str(error.name)[:80]
        if isinstance(error, FileNotFoundError):
            told["file"] = str(error.filename)[:200]
        place = locate(error)
    except BaseException:
        return told
    if place is not None:
        told |= {"cell": place.cell, "line": place.line, "text": place.text[:160]}
    return told
