"""In the student's process: an error in the form in which the grader is told of it."""

from typing import Any

from autograder.worker.namespace import locate


def explain(error: BaseException) -> dict[str, Any]:
    """What went wrong and where, of an error whose own methods may fail."""
    kind, message = type(error).__name__[:80], ""
    try:
        message = " ".join(str(error).split())[:400]
        place = locate(error)
    except BaseException:
        return {"kind": kind, "message": message}
    if place is None:
        return {"kind": kind, "message": message}
    return {"kind": kind, "message": message, "cell": place.cell, "line": place.line, "text": place.text[:160]}
