"""Ranks over a complete class: points for the models below the threshold, stored apart from what was measured."""

from collections.abc import Mapping

from autograder.course.model_question import ModelQuestion
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import candidates_of
from autograder.messages import join
from autograder.models.measurement import ModelScores
from autograder.models.ranks import Candidate, TierPlace, assign_tiers


def rank_class(gradebook: Gradebook) -> list[str]:
    """Ranks every measured question anew from its measurements; the submissions that have a rank."""
    ranked: dict[str, None] = {}
    there = candidates_of(gradebook)
    for question, rule in gradebook.assignment.model_questions.items():
        scores = gradebook.scores(question).items()
        measured = {submission_id: one for submission_id, one in scores if submission_id in there}
        candidates = [
            Candidate(submission_id, one.answers, one.right, one.total)
            for submission_id, one in measured.items()
            if one.best
        ]
        places = assign_tiers(candidates, rule.threshold, rule.worst_share, rule.best_share)
        points = gradebook.assignment.questions[question]
        gradebook.record_ranks(question, _rows(places, measured, rule, points))
        ranked.update(dict.fromkeys(places))
    return list(ranked)


def _rows(
    places: Mapping[str, TierPlace], measured: Mapping[str, ModelScores], rule: ModelQuestion, points: float
) -> dict[str, tuple[float, str]]:
    """The points and the explanation of every rank, by submission."""
    return {
        submission_id: (points * place.share * measured[submission_id].part(rule), join(place.explain()))
        for submission_id, place in places.items()
    }
