"""The queue: what of a class needs a person, by question, with what they may see of whose it is."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.course.manifest import points_text
from autograder.gradebook.appeals import appeals
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import candidates_of
from autograder.marking.verdict import Diagnosis, State, Verdict

UNGRADED, FLAGGED, APPEAL, WHOSE, BY_HAND = "ungraded", "flagged", "appeal", "whose", "by hand"
KINDS = (UNGRADED, FLAGGED, APPEAL, WHOSE, BY_HAND)


@dataclass(frozen=True)
class Item:
    """A question of an attempt, as it counts and as the grader alone `marked` it; `question` is "" for "whose is it?".

    `pseudonym` stands for the attempt where names are hidden, `whose` names it. `kinds` say why it is in the queue;
    `version` changes with everything that is decided about it. `asked` is what is open about whose it is, `appeal`
    what a student asks who waits for an answer.
    """

    submission_id: str
    question: str
    pseudonym: str
    whose: str
    kinds: tuple[str, ...]
    is_open: bool
    version: str
    verdict: Verdict
    marked: Verdict
    asked: tuple[str, ...] = ()
    appeal: str = ""

    @property
    def key(self) -> str:
        """What its address calls it, which tells nobody's name."""
        return f"{self.pseudonym}-{self.question or WHOSE}"

    @property
    def shown(self) -> str:
        """Its points as tables show them, with those that there are."""
        return f"{self.verdict.points_shown} of {points_text(self.verdict.max_points)}"

    @property
    def is_by_hand(self) -> bool:
        """Whether somebody marked it."""
        return self.verdict.diagnosis == Diagnosis.BY_HAND

    def name(self, names: bool) -> str:
        """What to call whose it is, to somebody who wants to see `names` or not."""
        return self.whose if names else self.pseudonym


class Queue:
    """The items of a class, in the order of the questions; those that need somebody, and those somebody marked."""

    def __init__(self, items: Iterable[Item]) -> None:
        self.items = list(items)
        self._by_key = {item.key: item for item in self.items}

    def get(self, key: str) -> Item | None:
        """The item of this key, None if it is not in the queue (any more)."""
        return self._by_key.get(key)

    def chosen(self, question: str = "", kind: str = "") -> list[Item]:
        """Those of a question and of a kind; of all that are open, if no kind is asked for."""
        return [
            item
            for item in self.items
            if question in ("", item.question or WHOSE) and (kind in item.kinds if kind else item.is_open)
        ]

    def around(self, key: str) -> tuple[str, str]:
        """The keys of the open items before and after one, "" where there is none; after the last comes the first."""
        place = next((place for place, item in enumerate(self.items) if item.key == key), 0)
        before = [item.key for item in self.items[:place] if item.is_open]
        after = [item.key for item in [*self.items[place + 1 :], *self.items[:place]] if item.is_open]
        return before[-1] if before else "", after[0] if after else ""


def queue_of(gradebook: Gradebook) -> Queue:
    """The queue of a class as it stands. Raises GradebookError."""
    return Queue(_items(gradebook))


def _items(gradebook: Gradebook) -> Iterator[Item]:
    order = list(gradebook.assignment.questions)
    names = _interesting(gradebook) & candidates_of(gradebook)
    items = [item for name in names for item in items_of_attempt(gradebook, name)]
    yield from _unknown(gradebook)
    yield from sorted(items, key=lambda item: (order.index(item.question), item.marked.diagnosis, item.pseudonym))


def _interesting(gradebook: Gradebook) -> set[str]:
    """The attempts that may have something in the queue."""
    query = """
        SELECT submission_id FROM verdicts WHERE state = 'UNGRADED' OR flags != '[]'
        UNION SELECT json_extract(thing, '$[0]') FROM events WHERE action = 'appeal'
        UNION SELECT submission_id FROM manual_marks UNION SELECT submission_id FROM retrainings WHERE flags != '{}'
    """
    return {row[0] for row in gradebook.select(query)}


def items_of_attempt(gradebook: Gradebook, name: str) -> Iterator[Item]:
    """The items of one attempt, as they stand now. Raises GradebookError."""
    whose = gradebook.attempt(name).student_id or name
    asking = {one.question: one.text for one in appeals(gradebook, name) if not one.answer}
    alone = {verdict.question: verdict for verdict in gradebook.verdicts(name, by_hand=False)}
    for verdict in gradebook.verdicts(name):
        marked, by_hand = alone[verdict.question], verdict.diagnosis == Diagnosis.BY_HAND
        appeal = asking.get(verdict.question, "")
        needs = {UNGRADED: marked.state is State.UNGRADED, FLAGGED: verdict.flags, APPEAL: appeal, BY_HAND: by_hand}
        if marked.diagnosis == Diagnosis.NOT_GRADED or not any(needs.values()):
            continue
        kinds = tuple(kind for kind in KINDS if needs.get(kind))
        version = _version(_last_event(gradebook, name, verdict.question), marked)
        pseudonym = _pseudonym(gradebook, name)
        is_open = bool(appeal) or not by_hand
        about = (pseudonym, whose, kinds, is_open, version, verdict, marked)
        yield Item(name, verdict.question, *about, appeal=appeal)


def _unknown(gradebook: Gradebook) -> Iterator[Item]:
    """The attempts of which somebody has to say whose they are."""
    for one in gradebook.attempts():
        if one.open_questions and not one.gone:
            nothing = Verdict.ungraded("", 0, "", "")
            version, pseudonym = str(_last_event(gradebook, one.identity)), _pseudonym(gradebook, one.submission_id)
            asked: Sequence[str] = one.open_questions
            about = (one.source, (WHOSE,), True, version, nothing, nothing, tuple(asked))
            yield Item(one.submission_id, "", pseudonym, *about)


def _last_event(gradebook: Gradebook, about: str, question: str | None = None) -> int:
    """The number of the last event about a question of an attempt, or about an identity; 0 if there is none."""
    keys = "json_extract(thing, '$[0]') = ? AND json_extract(thing, '$[1]') IS ?"
    return int(gradebook.select(f"SELECT coalesce(max(id), 0) FROM events WHERE {keys}", about, question)[0][0])


def _version(event: int, marked: Verdict) -> str:
    return f"{event}.{_digest(repr((marked.points, marked.state.value, marked.diagnosis, str(marked.message))))}"


def _pseudonym(gradebook: Gradebook, submission_id: str) -> str:
    return _digest(f"{gradebook.meta('started')} {gradebook.meta('secret_seed')} {submission_id}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
