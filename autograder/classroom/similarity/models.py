"""Saved models that are alike: by their weights, and by what they get wrong as the gradebook holds it.

Two trainings end in other weights, and do not err on the same examples.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from autograder.classroom.similarity.matching import Compared, Pair, tenths
from autograder.classroom.similarity.work import Work
from autograder.models.likeness import ONE_MODEL
from autograder.models.measurement import ModelScores

LEAST_WRONG = 20  # wrong answers that a model needs to be told from others
THRESHOLD = 0.9  # of the examples that either gets wrong, the share that both do


def compare_predictions(works: Sequence[Work], scores: Mapping[str, ModelScores]) -> Compared:
    """The pairs of people whose best models err alike; `scores` are by attempt."""
    wrong = []
    for work in works:
        score = scores.get(work.work_id)
        if score is not None and score.total and score.answers:
            bits = np.unpackbits(np.frombuffer(score.answers, np.uint8))[: score.total]
            wrong.append((work, score.total, bits == 0))
    best: dict[frozenset[str], Pair] = {}
    for (ours, total, one), (theirs, others_total, other) in combinations(wrong, 2):
        if total != others_total or not ours.owners.isdisjoint(theirs.owners):
            continue
        both, either = int((one & other).sum()), int((one | other).sum())
        if min(int(one.sum()), int(other.sum())) >= LEAST_WRONG:
            pair = Pair(ours, theirs, both / either, both)
            key = frozenset([ours.who, theirs.who])
            best[key] = max(pair, best.get(key, pair), key=lambda one: one.score)
    pairs = sorted((pair for pair in best.values() if pair.score >= THRESHOLD), key=lambda pair: -pair.score)
    enough = sum(int(one.sum()) >= LEAST_WRONG for _, _, one in wrong)
    return Compared(tuple(pairs), tenths(pair.score for pair in best.values()), enough, len(wrong))


def compare_weights(works: Sequence[Work]) -> Compared:
    """The pairs of people of whom a saved model is nearly one: the score is how far the sampled weights agree."""
    models = [(work, np.array(sample)) for work in works for sample in work.weights.values()]
    by_size: dict[int, list[tuple[Work, NDArray[np.float64]]]] = defaultdict(list)
    for work, sample in models:
        by_size[len(sample)].append((work, sample))
    best: dict[frozenset[str], Pair] = {}
    for same in by_size.values():
        for (ours, one), (theirs, other) in combinations(same, 2):
            largest = max(float(np.linalg.norm(one)), float(np.linalg.norm(other)))
            distance = float(np.linalg.norm(one - other)) / largest if largest else 1.0
            apart = ours.owners.isdisjoint(theirs.owners) and not (ours.earlier and theirs.earlier)
            key = frozenset([ours.who, theirs.who])
            if apart and distance < ONE_MODEL and (key not in best or best[key].score < 1 - distance):
                best[key] = Pair(ours, theirs, 1 - distance, len(one))
    pairs = sorted(best.values(), key=lambda pair: -pair.score)
    bearers = len({work.owners for work, _ in models})
    return Compared(tuple(pairs), {}, bearers, bearers)
