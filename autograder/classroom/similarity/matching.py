"""Which streams of a class have in common what most have not: pairs with a score, and clusters of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from autograder.classroom.similarity.winnowing import Hashes, distinctive, grams, shared_by_more, union
from autograder.classroom.similarity.work import Place, Stream, Work

COMMON_SHARE, COMMON_LEAST = 0.1, 8  # what more of a class than these write is nobody's


@dataclass(frozen=True)
class Measure:
    """How streams are compared: tokens in a fingerprint, the window that one is chosen from, and what makes a pair.

    A pair has at least the `threshold` of the shorter one's fingerprints in common, which has at least `least`.
    """

    gram: int
    window: int
    least: int
    threshold: float


# Measured on the variants of the course and on disguised copies of them (docs/similarity.md).
ANSWER = Measure(gram=6, window=3, least=12, threshold=0.65)
NOTEBOOK = Measure(gram=6, window=3, least=20, threshold=0.65)
# A report's words are its own; lines of outputs with several figures in them hardly occur twice by chance.
REPORT = Measure(gram=6, window=4, least=10, threshold=0.2)
SHOWN = Measure(gram=1, window=1, least=5, threshold=0.3)


@dataclass(frozen=True)
class Passage:
    """A run of tokens that both of a pair have: the places of its tokens in each."""

    ours: tuple[Place, ...]
    theirs: tuple[Place, ...]


@dataclass(frozen=True)
class Pair:
    """Two works with something in common: the share of the shorter one's fingerprints, and their number."""

    ours: Work
    theirs: Work
    score: float
    shared: int
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class Compared:
    """The pairs of one thing that was compared, best first, and the scores of all, in tenths.

    `long_enough` of `number` works have enough of their own to be told apart.
    """

    pairs: tuple[Pair, ...]
    scores: Mapping[int, int]
    long_enough: int
    number: int

    @property
    def too_short(self) -> bool:
        """Whether most of the class has too little of its own to tell anything."""
        return 2 * self.long_enough < self.number


def most_of(people: int) -> int:
    """How many of so many people may write the same before it is common."""
    return max(COMMON_LEAST, int(COMMON_SHARE * people))


def tenths(scores: Iterable[float]) -> Counter[int]:
    """How many scores, from 0 to 1, lie in each tenth."""
    return Counter(min(9, int(10 * score)) for score in scores)


class Comparison:
    """The streams of a class and of earlier years, of one thing, and the code that the course gave."""

    def __init__(self, streams: Iterable[tuple[Work, Stream]], known: Hashes, measure: Measure) -> None:
        self._measure = measure
        self._works = [(work, stream) for work, stream in streams if stream.tokens]
        hashes = [grams(stream.tokens, measure.gram) for _, stream in self._works]
        common = union([known, *self._common(hashes)])
        self._prints = [distinctive(one, common, measure.window) for one in hashes]

    def _common(self, hashes: Sequence[Hashes]) -> Iterator[Hashes]:
        """What is common in this class, and in each of the earlier ones."""
        for year in {work.earlier for work, _ in self._works}:
            people: dict[frozenset[str], list[Hashes]] = defaultdict(list)
            for (work, _), one in zip(self._works, hashes, strict=True):
                if work.earlier == year:
                    people[work.owners].append(one)
            yield shared_by_more([union(several) for several in people.values()], most_of(len(people)))

    def compared(self) -> Compared:
        """All pairs over the threshold; of several attempts of the same two the ones that are most alike."""
        best: dict[frozenset[frozenset[str]], tuple[float, int, int, int]] = {}
        for (one, other), shared in self._shared().items():
            least = min(len(self._prints[one]), len(self._prints[other]))
            if least < self._measure.least:
                continue
            key = frozenset([self._works[one][0].owners, self._works[other][0].owners])
            best[key] = max(best.get(key, (0.0, 0, 0, 0)), (shared / least, shared, one, other))
        scores = tenths(score for score, *_ in best.values())
        over = sorted((one for one in best.values() if one[0] >= self._measure.threshold), reverse=True)
        mine = [place for place, (work, _) in enumerate(self._works) if not work.earlier]
        enough = sum(len(self._prints[place]) >= self._measure.least for place in mine)
        return Compared(tuple(self._pair(*one) for one in over), scores, enough, len(mine))

    def _shared(self) -> Counter[tuple[int, int]]:
        """How many fingerprints two works of different people share, one of them at least of this class."""
        bearers: dict[int, list[int]] = defaultdict(list)
        for place, prints in enumerate(self._prints):
            for value in prints:
                bearers[value].append(place)
        shared: Counter[tuple[int, int]] = Counter()
        for places in bearers.values():
            shared.update(pair for pair in combinations(places, 2))
        return Counter({pair: number for pair, number in shared.items() if self._may_pair(*pair)})

    def _may_pair(self, one: int, other: int) -> bool:
        ours, theirs = self._works[one][0], self._works[other][0]
        return ours.owners.isdisjoint(theirs.owners) and not (ours.earlier and theirs.earlier)

    def _pair(self, score: float, shared: int, one: int, other: int) -> Pair:
        (ours, our_stream), (theirs, their_stream) = self._works[one], self._works[other]
        prints = self._prints[one], self._prints[other]
        starts = sorted((min(prints[0][value]), min(prints[1][value])) for value in prints[0].keys() & prints[1].keys())
        length = self._measure.gram
        passages = [
            Passage(
                _places(our_stream, (start for start, _ in run), length),
                _places(their_stream, (start for _, start in run), length),
            )
            for run in _runs(starts, length + self._measure.window)
        ]
        return Pair(ours, theirs, score, shared, tuple(passages))


def _runs(starts: Iterable[tuple[int, int]], reach: int) -> Iterator[list[tuple[int, int]]]:
    """Starts that follow each other closely on both sides."""
    run: list[tuple[int, int]] = []
    for start in starts:
        if run and not all(0 <= now - before <= reach for now, before in zip(start, run[-1], strict=True)):
            yield run
            run = []
        run.append(start)
    if run:
        yield run


def _places(stream: Stream, starts: Iterable[int], length: int) -> tuple[Place, ...]:
    """The places of the tokens from some starts on, each once, in order."""
    tokens = sorted({place for start in starts for place in range(start, min(start + length, len(stream.places)))})
    return tuple(dict.fromkeys(stream.places[token] for token in tokens))


def clusters(pairs: Iterable[Pair]) -> list[list[str]]:
    """Those that hang together by pairs, three or more, the largest first."""
    group: dict[str, set[str]] = {}
    for pair in pairs:
        ours, theirs = (group.get(work.who, {work.who}) for work in (pair.ours, pair.theirs))
        merged = ours | theirs
        group |= dict.fromkeys(merged, merged)
    found = {tuple(sorted(members)) for members in group.values() if len(members) > 2}
    return [list(members) for members in sorted(found, key=lambda members: (-len(members), members))]
