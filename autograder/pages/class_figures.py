"""What a class comes to, question by question: only attempts that count, of students who are not excused."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.gradebook.gradebook import Gradebook
from autograder.marking.verdict import Diagnosis, State, Verdict
from autograder.models.ranks import Candidate, assign_tiers, reaches
from autograder.pages.roll import Entry
from autograder.pages.statistics import Spread, discrimination, spread_of
from autograder.protocol.faults import Fault

_NO_MISTAKE = frozenset({"", Diagnosis.BY_HAND, Diagnosis.NOTHING_HANDED_IN, Diagnosis.RANK_PENDING})


@dataclass(frozen=True)
class QuestionFigures:
    """One question: `points` has how many students earned each number of points; UNGRADED ones are in no figure.

    `right` is the share of students with all points, `discrimination` the item-rest correlation. Both are None where
    nothing tells them. `seconds` is the wall time that grading it took, None where that was not recorded.
    """

    question: str
    most: float
    points: Mapping[float, int]
    spread: Spread | None
    right: float | None
    discrimination: float | None
    ungraded: int
    time_limits: int
    seconds: Spread | None = None


@dataclass(frozen=True)
class DiagnosedGroup:
    """Those whose answers to one question have one diagnosis: a mistake that they made, or why a person must look."""

    question: str
    diagnosis: str
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Tier:
    """Students whose best models are alike: `number` is 0 at or above the threshold; `least` and `most` are right."""

    number: int
    least: int
    most: int
    entries: Sequence[Entry]


@dataclass(frozen=True)
class ModelFigures:
    """The saved models of one question: `total` test examples, and the tiers from the best."""

    question: str
    threshold: int
    total: int
    tiers: Sequence[Tier]


def question_figures(gradebook: Gradebook, entries: Sequence[Entry]) -> list[QuestionFigures]:
    """The figures of each question, in the order of the manifest. Raises GradebookError."""
    assignment = gradebook.assignment
    counted = [entry for entry in entries if entry.counted]
    complete = [entry for entry in counted if not entry.ungraded]
    table = [[entry.verdicts[question].points for question in assignment.questions] for entry in complete]
    seconds = gradebook.seconds_by_question(entry.grade.attempt for entry in counted)
    return [
        replace(
            _figures(question, most, [entry.verdicts[question] for entry in counted], discrimination(table, place)),
            seconds=spread_of(seconds.get(question, [])),
        )
        for place, (question, most) in enumerate(assignment.questions.items())
    ]


def _figures(question: str, most: float, verdicts: Sequence[Verdict], related: float | None) -> QuestionFigures:
    graded = [verdict for verdict in verdicts if verdict.state is not State.UNGRADED]
    points = [verdict.points for verdict in graded]
    right = sum(verdict.state is State.PASS for verdict in graded) / len(graded) if graded else None
    ended = sum(Fault.TIME_LIMIT in verdict.diagnoses for verdict in verdicts)
    ungraded = len(verdicts) - len(graded)
    return QuestionFigures(question, most, Counter(points), spread_of(points), right, related, ungraded, ended)


def totals_of(entries: Sequence[Entry]) -> list[float]:
    """The totals that are complete: of nobody with an UNGRADED question."""
    return [float(entry.grade.total) for entry in entries if entry.counted and not entry.ungraded]


def mistakes_made(entries: Sequence[Entry]) -> list[DiagnosedGroup]:
    """Every mistake that was made, the most frequent first."""
    made: dict[tuple[str, str], list[Entry]] = {}
    for entry in (one for one in entries if one.counted):
        for verdict in entry.grade.verdicts:
            for diagnosis in verdict.diagnoses if verdict.state is not State.UNGRADED else ():
                if diagnosis not in _NO_MISTAKE:
                    made.setdefault((verdict.question, diagnosis), []).append(entry)
    mistakes = [DiagnosedGroup(*about, who) for about, who in made.items()]
    order = list(entries[0].verdicts) if entries else []
    return sorted(mistakes, key=lambda one: (-len(one.entries), order.index(one.question), one.diagnosis))


def model_figures(gradebook: Gradebook, entries: Sequence[Entry]) -> list[ModelFigures]:
    """The tiers of saved models for each question about them that has any, over the students listed."""
    figures = [_tiers(gradebook, question, entries) for question in gradebook.assignment.model_questions]
    return [one for one in figures if one.tiers]


def _tiers(gradebook: Gradebook, question: str, entries: Sequence[Entry]) -> ModelFigures:
    rule, scores = gradebook.assignment.model_questions[question], gradebook.scores(question)
    measured = {name: one for name, one in scores.items() if one.best}
    total = max((one.total for one in measured.values()), default=0)
    ranked = {entry.grade.attempt for entry in entries} & measured.keys()
    candidates = [Candidate(name, measured[name].answers, measured[name].right, total) for name in sorted(ranked)]
    places = assign_tiers(candidates, rule.threshold, rule.worst_share, rule.best_share)
    tiers: dict[int, list[Entry]] = {}
    for entry in entries:
        name = entry.grade.attempt
        if name in ranked:
            above = reaches(measured[name].right, total, rule.threshold)
            tiers.setdefault(0 if above else places[name].tier, []).append(entry)
    rows = []
    for number, who in sorted(tiers.items()):
        right = [measured[entry.grade.attempt].right for entry in who]
        rows.append(Tier(number, min(right), max(right), who))
    return ModelFigures(question, rule.threshold, total, rows)
