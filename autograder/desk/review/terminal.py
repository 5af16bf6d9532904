"""The same queue in a terminal: show an item, mark it, go on."""

from collections.abc import Callable

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from autograder.course.manifest import points_text
from autograder.desk.review.graded import Exhibit, GradedClass
from autograder.desk.review.marks import Decision, give, in_short, undo_last
from autograder.desk.review.queue import Item
from autograder.gradebook.file import GradebookError
from autograder.notebook.text import plain

HELP = """\
7.5 a comment   mark it with 7.5 points and go on; without a comment the message stays
= a comment     the points that it has
all 4 comment   the same for all with this diagnosis that no hand has touched, once confirmed
n, p            the next, the previous open item
u               undo my last mark
names           show or hide names
report          what the student wrote in report.md
?, q            this list; the end"""


class Terminal:
    """A review at a console, by lines that `read` gives for a prompt; the end of input ends it."""

    def __init__(self, graded: GradedClass, console: Console, who: str, read: Callable[[str], str] = input) -> None:
        self._graded = graded
        self._console = console
        self._who = who
        self._read = read
        self._names = False
        self._key = ""

    def run(self) -> None:
        """Shows item after item until nothing is left, or somebody has enough."""
        self._say(HELP)
        while (item := self._current()) is not None:
            self._show(item)
            while item is not None and self._key == item.key:
                try:
                    line = self._read("> ").strip()
                except (EOFError, KeyboardInterrupt):
                    return
                if line in ("q", "quit"):
                    return
                try:
                    self._do(item, line)
                except GradebookError as error:
                    self._say(str(error))
        self._say("Nothing is left to look at.")

    def _current(self) -> Item | None:
        """The item at hand, or the first that is open."""
        queue = self._graded.queue
        item = queue.get(self._key) or next((one for one in queue.items if one.is_open and one.question), None)
        self._key = item.key if item else ""
        return item

    def _do(self, item: Item, line: str) -> None:
        """What a line asks for."""
        word, _, rest = line.partition(" ")
        before, after = self._graded.queue.around(item.key)
        if word in ("n", "p"):
            self._key = (after if word == "n" else before) or self._key
            if self._key == item.key:
                self._say("There is no other in this direction.")
        elif word == "u":
            with self._graded.writing() as gradebook:
                event = undo_last(gradebook, self._who)
            self._key = ""
            self._say(f"undone: {in_short(event)}")
        elif word == "names":
            self._names = not self._names
            self._show(item)
        elif word == "report" and item.question:
            reports = self._graded.exhibit(item).reports
            for report in reports:
                self._say(f"--- {report.heading}\n{report.text}")
            if not reports:
                self._say("There is no report.md.")
        elif word in ("?", "") or not item.question:
            self._say(HELP)
        elif word == "all":
            points, _, comment = rest.partition(" ")
            self._mark([item, *self._confirmed(item)], points, comment)
        else:
            self._mark([item], "" if word == "=" else word, rest)

    def _confirmed(self, item: Item) -> list[Item]:
        """The others with this diagnosis, if whoever sits here says yes to them."""
        alike = self._graded.alike(item)
        self._say(f"with it: {', '.join(one.name(self._names) for one in alike) or 'nobody'}")
        if not alike or self._read("mark them all? [y/n] ").strip().lower() != "y":
            raise GradebookError("nothing was changed")
        return alike

    def _mark(self, items: list[Item], points: str, comment: str) -> None:
        decision = Decision(items, points, comment)
        with self._graded.writing() as gradebook:
            events = give(gradebook, self._who, decision)
        self._say(f"{items[0].question}: {points_text(decision.points_of(items[0]))} points, {len(events)} of them")
        self._key = self._graded.queue.around(items[0].key)[1]

    def _show(self, item: Item) -> None:
        left = sum(one.is_open for one in self._graded.queue.items)
        self._console.rule(Text(f"{item.question} of {item.name(self._names)}, {item.shown}, {left} left"))
        if item.question:
            self._show_exhibit(self._graded.exhibit(item))

    def _show_exhibit(self, exhibit: Exhibit) -> None:
        marked = exhibit.item.marked
        self._say(f"{marked.state}: {marked.diagnosis or 'right'} {marked.figure}\n{marked.message}")
        for flag in marked.flags:
            self._say(f"to look at: {flag}")
        if exhibit.item.appeal:
            self._say(f"appeal: {exhibit.item.appeal}")
        for cell in exhibit.cells:
            self._say(f"--- code cell {cell.number} {cell.heading}" if cell.number else f"--- {cell.heading}")
            if not cell.number:
                self._say(cell.text)
                continue
            self._console.print(Syntax(cell.text, "python", theme="ansi_dark", line_numbers=True, word_wrap=True))
            self._say("\n".join(cell.lines))
            if cell.pictures:
                self._say(f"({len(cell.pictures)} pictures, which the app in a browser shows)")
        self._say(exhibit.problem)
        for whose in exhibit.named:
            self._say(f"names {whose[self._names]}")
        for line in exhibit.sources:
            self._say(f"source: {line}")
        for says, earns in exhibit.rubric:
            self._say(f"  {points_text(earns)}: {says}")

    def _say(self, text: str) -> None:
        """Prints text as it stands; nothing of it is markup."""
        if text.strip():
            self._console.print(Text(plain(text, 20_000)), soft_wrap=True)
