"""The queue: what of a class needs a person, by question, with what they may see of whose it is."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from autograder.course.manifest import points_text
from autograder.gradebook.appeals import appeals
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import candidates_of
from autograder.gradebook.rows import COUNTING, to_counting
from autograder.marking.verdict import Diagnosis, State, Verdict
from autograder.pages.pseudonyms import pseudonyms_of

UNGRADED, FLAGGED, MANUAL, APPEAL, WHOSE, BY_HAND = "ungraded", "flagged", "manual", "appeal", "whose", "by hand"
KINDS = (UNGRADED, FLAGGED, MANUAL, APPEAL, WHOSE, BY_HAND)


@dataclass(frozen=True)
class Item:
    """A question of an attempt, as it counts and as the grader alone `marked` it; `question` is "" for "whose is it?".

    `key` is what its address calls it, which tells nobody's name. `pseudonym` stands for whose it is where names are
    hidden, `whose` names them. `kinds` say why it is in the queue; `version` changes with everything that is decided
    about it. `asked` is what is open about whose it is, `appeal` what a student asks who waits for an answer.
    """

    submission_id: str
    question: str
    key: str
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
    def shown(self) -> str:
        """Its points as tables show them, with those that there are."""
        return f"{self.verdict.points_shown} / {points_text(self.verdict.max_points)}"

    @property
    def is_manual(self) -> bool:
        """Whether only a person marks it."""
        return self.marked.diagnosis == Diagnosis.WAITS

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
    there, order = candidates_of(gradebook), list(gradebook.assignment.questions)
    items = [item for item in _items(gradebook, _INTERESTING) if item.submission_id in there]
    items.sort(key=lambda item: (order.index(item.question), item.marked.diagnosis, item.pseudonym, item.key))
    return Queue([*_unknown(gradebook), *items])


def items_of_attempts(gradebook: Gradebook, names: Iterable[str]) -> Iterator[Item]:
    """The items of these attempts, as they stand now. Raises GradebookError."""
    yield from _items(gradebook, "v.submission_id IN (SELECT value FROM json_each(?))", json.dumps(list(names)))


# What may have something in the queue; each part of it is cheap, which a question after the joined rows is not.
_INTERESTING = """(v.submission_id, v.question) IN (
    SELECT submission_id, question FROM verdicts WHERE state = 'UNGRADED' OR flags != '[]'
    UNION SELECT submission_id, question FROM manual_marks
    UNION SELECT json_extract(thing, '$[0]'), json_extract(thing, '$[1]') FROM events WHERE action = 'appeal'
    UNION SELECT submission_id, flag.key FROM retrainings, json_each(retrainings.flags) AS flag
)"""


@dataclass(frozen=True)
class _Facts:
    """All that an item is made of: a row of `COUNTING`, and what stands about its question elsewhere.

    `flags` are those of training again, `appeal` is what a student asks, `event` the last one.
    """

    row: sqlite3.Row
    flags: tuple[str, ...]
    whose: str
    pseudonym: str
    key: str
    appeal: str
    event: int


def _items(gradebook: Gradebook, where: str, *values: object) -> Iterator[Item]:
    """The items among the rows of `COUNTING` that a condition chooses."""
    pseudonym, students, events = pseudonyms_of(gradebook), gradebook.students_of_attempts(), _last_events(gradebook)
    asking = {(one.submission_id, one.question): one.text for one in appeals(gradebook) if not one.answer}
    flags: dict[tuple[str, str], tuple[str, ...]] = {}
    query = "SELECT submission_id, flag.key, flag.value FROM retrainings, json_each(retrainings.flags) AS flag"
    for name, question, flag in gradebook.select(query):
        flags[name, question] = (*flags.get((name, question), ()), flag)
    for row in gradebook.select(f"{COUNTING} WHERE {where}", *values):
        name, question = about = row["submission_id"], row["question"]
        who = students.get(name, ())
        shown, code = pseudonym(who[0] if len(who) == 1 else name), pseudonym(name)
        whose, key = ", ".join(who) or name, f"{code}-{question}"
        facts = _Facts(row, flags.get(about, ()), whose, shown, key, asking.get(about, ""), events.get(about, 0))
        if question in gradebook.assignment.questions and (item := _item(facts)):
            yield item


@lru_cache(maxsize=50_000)  # a queue is asked for after each mark, and hardly anything of it has changed then
def _item(facts: _Facts) -> Item | None:
    """The item of a question; None for one that needs nobody."""
    verdict, marked = (to_counting(facts.row, by_hand) for by_hand in (True, False))
    for flag in facts.flags:
        verdict, marked = verdict.flagged(flag), marked.flagged(flag)
    by_hand = verdict.diagnosis == Diagnosis.BY_HAND
    waits = marked.diagnosis == Diagnosis.WAITS
    needs = {
        UNGRADED: marked.state is State.UNGRADED and not waits,
        FLAGGED: verdict.flags,
        MANUAL: waits,
        APPEAL: facts.appeal,
        BY_HAND: by_hand,
    }
    if marked.diagnosis == Diagnosis.NOT_GRADED or not any(needs.values()):
        return None
    return Item(
        submission_id=facts.row["submission_id"],
        question=verdict.question,
        key=facts.key,
        pseudonym=facts.pseudonym,
        whose=facts.whose,
        kinds=tuple(kind for kind, is_needed in needs.items() if is_needed),
        is_open=bool(facts.appeal) or not by_hand,
        version=_version(facts.event, marked),
        verdict=verdict,
        marked=marked,
        appeal=facts.appeal,
    )


def _unknown(gradebook: Gradebook) -> Iterator[Item]:
    """The attempts of which somebody has to say whose they are."""
    pseudonym, events = pseudonyms_of(gradebook), _last_events(gradebook)
    nothing = Verdict.ungraded("", 0, "", "")
    for one in gradebook.doubtful():
        code, version = pseudonym(one.submission_id), str(events.get((one.identity, None), 0))
        about = (code, one.source, (WHOSE,), True, version, nothing, nothing, one.open_questions)
        yield Item(one.submission_id, "", f"{code}-{WHOSE}", *about)


def _last_events(gradebook: Gradebook) -> dict[tuple[str, str | None], int]:
    """The number of the last event about each question of an attempt; of an identity with None for the question."""
    query = "SELECT json_extract(thing, '$[0]'), json_extract(thing, '$[1]'), max(id) FROM events GROUP BY 1, 2"
    return {(row[0], row[1]): row[2] for row in gradebook.select(query)}


def _version(event: int, marked: Verdict) -> str:
    told = repr((marked.points, marked.state.value, marked.diagnosis, str(marked.message)))
    return f"{event}.{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:8]}"
