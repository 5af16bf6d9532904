"""What Gradescope reads of one submission: the content of its results.json, from its verdicts.

A question without a verdict of ours has no score there, so that nobody takes it for 0. The scores of all tests add up
to the submission's; what is for the course's staff is a test that students do not see.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.course.manifest import Assignment, points_text
from autograder.marking.verdict import State, Verdict
from autograder.messages import ENGLISH, Language, join, say
from autograder.models.measurement import ModelScores
from autograder.notebook.repair import Repair

FAILURE = say(
    "This submission could not be marked, and has no score for that reason. That is no fault of your work.\n"
    "The course's staff sees what went wrong, and can run the autograder again."
)
TO_BE_MARKED = "Not marked yet: a person looks at this question. It is worth {points} points."


def failure(language: Language = ENGLISH) -> dict[str, Any]:
    """The results of a submission that could not be graded: a message, and no score."""
    return _results(language.render(FAILURE), [], [])


def results_of(
    assignment: Assignment,
    verdicts: Sequence[Verdict],
    remarks: Sequence[str],
    repairs: Sequence[Repair],
    scores: Mapping[str, ModelScores],
) -> dict[str, Any]:
    """The results of one submission.

    `remarks` are sentences for the student about all of it, `repairs` what was repaired in it, `scores` what its saved
    models reach, by question.
    """
    language = assignment.language
    tests = [_test(verdict, language) for verdict in verdicts]
    costs = assignment.costs(repairs)
    if deducted := min(sum(points for _, points in costs), sum(verdict.points for verdict in verdicts)):
        notes = assignment.with_costs([note for note, _ in costs], repairs)
        name, output = language.word(say("what was repaired")), language.render(join(notes))
        tests.append(_entry(name, output, score=-deducted, max_score=0.0))
    if staff := _for_staff(verdicts):
        tests.append(_entry("for the course's staff", "\n".join(staff), visibility="hidden"))
    ungraded = sum(verdict.state is State.UNGRADED for verdict in verdicts)
    wait = "{count} of {total} questions wait for a person and have no score yet."
    waiting = [say(wait, count=ungraded, total=len(verdicts))] if ungraded else []
    return _results(language.render(join([*remarks, *waiting])), tests, _leaderboard(scores))


def _test(verdict: Verdict, language: Language) -> dict[str, Any]:
    figure = say(verdict.figure)
    if verdict.state is State.UNGRADED:
        waiting = say(TO_BE_MARKED, points=points_text(verdict.max_points))
        return _entry(verdict.question, language.render(join(filter(None, [waiting, figure]))))
    output = join(filter(None, [figure, verdict.message])) or say("right")
    return _entry(verdict.question, language.render(output), score=verdict.points, max_score=verdict.max_points)


def _entry(name: str, output: str, visibility: str = "visible", **scores: float) -> dict[str, Any]:
    points = {key: round(score, 2) for key, score in scores.items()}
    return {"name": name, **points, "output": output, "output_format": "text", "visibility": visibility}


def _for_staff(verdicts: Sequence[Verdict]) -> list[str]:
    """What a teaching assistant should look at."""
    ungraded = [verdict for verdict in verdicts if verdict.state is State.UNGRADED]
    reasons = [f"{one.question}: UNGRADED, {one.diagnosis}: {one.message}" for one in ungraded]
    return [*reasons, *(f"{one.question}: {flag}" for one in verdicts for flag in one.flags)]


def _leaderboard(scores: Mapping[str, ModelScores]) -> list[dict[str, Any]]:
    """The percentage of right answers of the best saved model, for each question about models."""
    return [
        {"name": question, "value": 10_000 * one.right // one.total / 100}
        for question, one in scores.items()
        if one.best
    ]


def _results(output: str, tests: list[dict[str, Any]], leaderboard: list[dict[str, Any]]) -> dict[str, Any]:
    shown = {"output": output, "output_format": "text", "visibility": "visible", "stdout_visibility": "hidden"}
    return {**shown, "tests": tests, **({"leaderboard": leaderboard} if leaderboard else {})}
