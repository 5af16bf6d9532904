"""Marks that a person gives in a review: refused when somebody else was faster, and undone again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from autograder.course.manifest import points_text
from autograder.desk.appeals import answer_appeal
from autograder.desk.desk import Desk
from autograder.desk.review.queue import Item, Queue, items_of_attempts
from autograder.gradebook.events import Action, Event
from autograder.gradebook.file import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.messages import say
from autograder.notebook.text import one_line

_OF_QUESTIONS = {Action.MARK: say("mark"), Action.ALIKE: say("marks alike"), Action.APPEAL: say("appeal")}
_GIVEN = (Action.MARK, Action.ALIKE, Action.OWNER, Action.CHOICE)
_WITHOUT_WORDS = "A teaching assistant looked at it."


class StaleError(GradebookError):
    """Somebody decided something about an item since a person saw it."""


@dataclass(frozen=True)
class Decision:
    """What a person decides of items as they saw them: points as typed ("": those that each has), and a comment."""

    items: Sequence[Item]
    points: str
    comment: str

    def points_of(self, item: Item) -> float:
        """The points for an item. Raises GradebookError for what is no number, or too many."""
        most = points_text(item.verdict.max_points)
        typed = self.points.strip().replace(",", ".")
        if not typed and item.verdict.points_shown == "?":
            told = say("{question} is ungraded: give it points, from 0 to {most}", question=item.question, most=most)
            raise GradebookError(told)
        try:
            points = Decimal(typed or str(item.verdict.points))
        except InvalidOperation:
            points = Decimal("NaN")
        if not points.is_finite() or not 0 <= points <= Decimal(str(item.verdict.max_points)):
            about = {"question": item.question, "most": most, "got": one_line(self.points, 40)}
            raise GradebookError(say("{question}: expected a number from 0 to {most}, got '{got}'", **about))
        return float(points)

    def comment_for(self, item: Item) -> str:
        """The comment for an item; without one, what its page says already."""
        return one_line(self.comment or str(item.verdict.message) or _WITHOUT_WORDS, 600)


def items_seen(queue: Queue, seen: Mapping[str, str]) -> list[Item]:
    """The items of these keys. Raises StaleError if any has another version than it had when it was seen."""
    items = []
    for key, version in seen.items():
        item = queue.get(key)
        if item is None or item.version != version:
            state = say("it is decided")
            if item and item.question:
                about = {"question": item.question, "who": item.pseudonym, "points": item.shown}
                state = say("{question} of {who} is now {points}", **about)
            kept = say("nothing was changed, and what you typed is still here")
            raise StaleError(say("somebody was faster: {state}; {kept}", state=state, kept=kept))
        items.append(item)
    return items


def give(gradebook: Gradebook, who: str, decision: Decision) -> list[Event]:
    """Marks all items of a decision, or none of them.

    Raises StaleError if they are not any more as they were seen, GradebookError for points that cannot be given.
    """
    desk = Desk(gradebook, who)
    with desk.history.together():
        names = {item.submission_id for item in decision.items}
        now = Queue(items_of_attempts(gradebook, names))
        items_seen(now, {item.key: item.version for item in decision.items})
        return _put(desk, decision)


def _put(desk: Desk, decision: Decision) -> list[Event]:
    """Marks the items, of which several have the points and the comment of the first."""
    first, *others = decision.items
    points, comment = decision.points_of(first), decision.comment_for(first)
    if others:
        attempts = [desk.gradebook.attempt(item.submission_id) for item in decision.items]
        return desk.mark_alike(attempts, first.question, points, comment)
    if not first.appeal:
        return [desk.put_mark(desk.gradebook.attempt(first.submission_id), first.question, points, comment)]
    accepted = first.verdict.points_shown != points_text(points)
    given = points if accepted else None
    return [answer_appeal(desk, first.submission_id, first.question, decision.comment, accepted, given)]


def assign(gradebook: Gradebook, who: str, item: Item, student: str) -> Event:
    """Says whose an attempt is, by a student ID, or nobody's. Raises GradebookError for somebody who is not there."""
    if not student:
        raise GradebookError(say("expected a student ID, or nobody"))
    return Desk(gradebook, who).assign(item.submission_id, student)


def undo_last(gradebook: Gradebook, who: str) -> Event:
    """Undoes the last mark or answer that somebody gave; the event of that.

    Raises GradebookError if there is none, or if it cannot be undone any more.
    """
    desk = Desk(gradebook, who)
    events = desk.events()
    undone = {event.undoes for event in events}
    mine = [one for one in reversed(events) if one.who == who and not one.undoes and one.id not in undone]
    last = next((one for one in mine if one.action in _GIVEN or one.came_of_it), None)
    if last is None:
        raise GradebookError(say("{who} has nothing to undo", who=who))
    return desk.undo(last.id)


def in_short(event: Event) -> str:
    """What was done, without whose it is."""
    if event.action not in _OF_QUESTIONS:
        return action_word(event)
    return say("{action} of {question}", action=action_word(event), question=str(event.thing[1]))


def action_word(event: Event) -> str:
    """What kind of thing was done."""
    return {**_OF_QUESTIONS, Action.OWNER: say("owner"), Action.CHOICE: say("choice")}.get(
        event.action, str(event.action)
    )


def comments(events: Sequence[Event], alike: Mapping[tuple[str, str], str], diagnosis: str) -> list[str]:
    """What was said with marks by hand of one diagnosis, the latest first; `alike` has the diagnosis of each item."""
    said = [
        event.after[1]
        for event in reversed(events)
        if event.action is Action.MARK and event.after and alike.get((event.thing[0], event.thing[1])) == diagnosis
    ]
    return list(dict.fromkeys(one for one in said if one != _WITHOUT_WORDS))[:9]
