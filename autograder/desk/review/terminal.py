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
from autograder.messages import Language, say
from autograder.notebook.listing import place_text
from autograder.notebook.text import plain

HELP = {
    "7.5 a comment": say("mark it with 7.5 points and go on; without a comment the message stays"),
    "= a comment": say("the points that it has"),
    "all 4 comment": say("the same for all with this diagnosis that no hand has touched, once confirmed"),
    "n, p": say("the next, the previous open item"),
    "u": say("undo my last mark"),
    "names": say("show or hide names"),
    "report": say("what the student wrote in report.md"),
    "?, q": say("this list; the end"),
}


class Terminal:
    """A review at a console, by lines that `read` gives for a prompt; the end of input ends it."""

    def __init__(
        self,
        graded: GradedClass,
        console: Console,
        who: str,
        language: Language,
        read: Callable[[str], str] = input,
    ) -> None:
        self._language = language
        self._graded = graded
        self._console = console
        self._who = who
        self._read = read
        self._names = False
        self._key = ""

    def run(self) -> None:
        """Shows item after item until nothing is left, or somebody has enough."""
        self._help()
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
        self._say(say("Nothing is left to look at here."))

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
                self._say(say("There is no other in this direction."))
        elif word == "u":
            with self._graded.writing() as gradebook:
                event = undo_last(gradebook, self._who)
            self._key = ""
            self._say(say("undone: {what}", what=in_short(event)))
        elif word == "names":
            self._names = not self._names
            self._show(item)
        elif word == "report" and item.question:
            reports = self._graded.exhibit(item).reports
            for report in reports:
                self._say(f"--- {report.heading}\n{report.text}")
            if not reports:
                self._say(say("There is no report.md."))
        elif word in ("?", "") or not item.question:
            self._help()
        elif word == "all":
            points, _, comment = rest.partition(" ")
            self._mark([item, *self._confirmed(item)], points, comment)
        else:
            self._mark([item], "" if word == "=" else word, rest)

    def _confirmed(self, item: Item) -> list[Item]:
        """The others with this diagnosis, if whoever sits here says yes to them."""
        alike = self._graded.alike(item)
        names = ", ".join(one.name(self._names) for one in alike)
        self._say(say("with it: {names}", names=names or say("nobody")))
        question = self._language.word(say("mark them all? [y/n]"))
        if not alike or self._read(f"{question} ").strip().lower() != "y":
            raise GradebookError(say("nothing was changed"))
        return alike

    def _mark(self, items: list[Item], points: str, comment: str) -> None:
        decision = Decision(items, points, comment)
        with self._graded.writing() as gradebook:
            events = give(gradebook, self._who, decision)
        about = {"question": items[0].question, "points": points_text(decision.points_of(items[0]))}
        self._say(say("{question}: {points} points, for {count} students", **about, count=len(events)))
        self._key = self._graded.queue.around(items[0].key)[1]

    def _show(self, item: Item) -> None:
        left = sum(one.is_open for one in self._graded.queue.items)
        shown = {"question": item.question, "who": item.name(self._names), "points": item.shown}
        self._console.rule(
            Text(self._language.word(say("{question} of {who}, {points}, {left} left", **shown, left=left)))
        )
        if item.question:
            self._show_exhibit(self._graded.exhibit(item))

    def _show_exhibit(self, exhibit: Exhibit) -> None:
        marked = exhibit.item.marked
        self._say(f"{marked.state}: {self._language.diagnosis(marked.diagnosis or 'right')} {marked.figure}")
        self._say(marked.message)
        for flag in marked.flags:
            self._say(say("to look at: {flag}", flag=say(flag)))
        if exhibit.item.appeal:
            self._say(say("appeal: {text}", text=exhibit.item.appeal))
        for cell in exhibit.cells:
            place = place_text(cell.heading, cell.number) if cell.number else cell.heading
            self._say(f"--- {self._language.word(place)}")
            if not cell.number:
                self._say(cell.text)
                continue
            self._console.print(Syntax(cell.text, "python", theme="ansi_dark", line_numbers=True, word_wrap=True))
            self._say("\n".join(cell.lines))
            if cell.pictures:
                self._say(say("({count} pictures, which the app in a browser shows)", count=len(cell.pictures)))
        self._say(exhibit.problem)
        for whose in exhibit.named:
            self._say(say("names {who}", who=whose[self._names]))
        for line in exhibit.sources:
            self._say(say("source: {line}", line=line))
        for says, earns in exhibit.rubric:
            self._say(f"  {points_text(earns)}: {self._language.word(says)}")

    def _help(self) -> None:
        for line, what in HELP.items():
            self._say(f"{line:<15} {self._language.word(what)}")

    def _say(self, text: str) -> None:
        """Prints text in the language, as it stands; nothing of it is markup."""
        text = self._language.render(text)
        if text.strip():
            self._console.print(Text(plain(text, 20_000)), soft_wrap=True)
