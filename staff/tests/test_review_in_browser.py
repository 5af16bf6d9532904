"""A review in a browser: marked by keys, seen by others, nothing lost, and nothing of a student's comes alive."""

import csv
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from marks import attempt_of, enter_marks
from review_class import HOSTILE, HW4, STUDENTS, UNGRADED, make_class

from autograder.desk.appeals import open_appeal
from autograder.desk.desk import Desk
from autograder.gradebook.appeals import appeals
from autograder.gradebook.events import Event
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.history import History

pytestmark = pytest.mark.slow  # an app and a browser for each test
SECONDS = 60.0  # for what has to come, on a busy machine


class App:
    """The installed command at work, and its address."""

    def __init__(self, grades: Path, *options: str) -> None:
        self.grades = grades
        command = [sys.executable, "-m", "autograder", "review", str(grades), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.origin, _, self.token = self.address.partition("/?token=")

    def events(self) -> list[Event]:
        """What was decided so far."""
        with Gradebook(self.grades, HW4, alone=False) as gradebook:
            return History(gradebook).events()

    def end(self, by: int = signal.SIGKILL) -> None:
        """Ends it."""
        self.process.send_signal(by)
        self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; where CI asks for it, it has to be there."""
    needed = bool(os.environ.get("NEEDS_BROWSER"))
    path = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        assert not needed, "playwright or chromium is missing"
        pytest.skip("playwright or chromium is missing")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that no test changes."""
    return make_class(tmp_path_factory.mktemp("graded"), STUDENTS[:22])


@pytest.fixture
def app(graded: Path, tmp_path: Path) -> Iterator[App]:
    """A review of a class of the test's own."""
    started = App(Path(shutil.copytree(graded, tmp_path / "grades")))
    yield started
    started.end()


@pytest.fixture
def page(browser: Any, app: App) -> Iterator[Any]:
    """A browser on the queue; it asks nothing of any other address, and says nothing."""
    yield from opened(browser, app)


def opened(browser: Any, app: App, **more: Any) -> Iterator[Any]:
    """A browser of its own on the queue."""
    context = browser.new_context(**more)
    context.set_default_timeout(SECONDS * 1000)
    one, asked, said = context.new_page(), [], []
    one.on("request", lambda request: asked.append(request.url))
    one.on("console", lambda message: said.append(message.text))
    one.on("pageerror", lambda error: said.append(str(error)))
    one.goto(app.address)
    yield one
    assert [url for url in asked if not url.startswith(app.origin)] == []
    assert [text for text in said if "status of 4" not in text and "ERR_CONNECTION" not in text] == []
    context.close()


def go_to(page: Any, question: str, place: int = 0) -> None:
    """Opens the item at a place among those of a question, by keys and the queue's filter."""
    page.get_by_role("link", name=question, exact=True).click()
    page.locator(".items a").nth(place).click()
    wait_for(page, "#mark")


def wait_for(page: Any, part: str) -> None:
    """Until a page with this part is there whose keys work, for which its script must have run."""
    page.wait_for_selector(part)
    page.wait_for_load_state()


def test_an_item_is_marked_and_undone_by_keys(page: Any, app: App) -> None:
    assert page.url == f"{app.origin}/"  # the token has left the address
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    wait_for(page, "#mark")
    assert page.locator("h1").inner_text().startswith(f"{UNGRADED}. Forward propagation")
    assert "2024" not in page.content()
    first = page.url
    for key in ("7", ".", "5", "Tab"):
        page.keyboard.press(key)
    page.keyboard.type("the shape is right")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first)
    assert page.locator("#said").inner_text() == "1c: 7.5 points"
    (event,) = app.events()
    assert event.after == [7.5, "the shape is right"] and event.thing[1] == UNGRADED
    page.keyboard.press("z")
    page.wait_for_url(first)
    page.wait_for_selector("#said")
    assert len(app.events()) == 2 and app.events()[1].undoes == event.id
    assert page.locator("#mark .state").inner_text() == "?"


def test_a_mark_that_cannot_be_given_is_told_and_nothing_is_lost(page: Any, app: App) -> None:
    go_to(page, UNGRADED)
    for typed, told in (
        ("11", "got '11'"),
        ("7x", "got '7x'"),
        ("-1", "got '-1'"),
        ("nan", "got 'nan'"),
        ("", "ungraded"),
    ):
        page.fill("#points", typed)
        page.fill("#comment", "what I typed")
        page.keyboard.press("Enter")
        page.locator("#problem", has_text=told).wait_for()
        assert page.input_value("#comment") == "what I typed"
    assert app.events() == []


def test_all_alike_are_marked_once_confirmed_and_undone_together(page: Any, app: App) -> None:
    page.get_by_role("link", name=UNGRADED, exact=True).click()
    page.locator(".items a", has_text="unknown value").first.click()
    wait_for(page, "#mark")
    page.keyboard.press("4")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    page.wait_for_selector("#alike[open]")
    assert page.locator("#alike-list li").count() == 5 and app.events() == []
    page.keyboard.press("Enter")
    page.locator("#said", has_text="for 6 students").wait_for()
    marks = [event for event in app.events() if event.action == "mark"]
    assert len({event.thing for event in marks}) == 6 and all(event.after[0] == 4 for event in marks)
    page.keyboard.press("z")
    page.locator("#said", has_text="undone").wait_for()
    with Gradebook(app.grades, HW4, alone=False) as gradebook:
        assert gradebook.marked_by_hand() == set()


def test_a_line_of_the_scheme_and_a_saved_comment_are_taken_by_keys(page: Any, app: App) -> None:
    go_to(page, UNGRADED)
    page.keyboard.press("r")
    page.keyboard.press("2")
    assert page.input_value("#points") == "8" and page.input_value("#comment") == "these are scores, not probabilities"
    page.keyboard.press("Enter")
    page.locator("#said", has_text="1c: 8 points").wait_for()
    page.keyboard.press("s")
    assert page.input_value("#comment") == "these are scores, not probabilities"
    page.keyboard.press("m")
    assert page.input_value("#points") == "10"
    page.keyboard.press("Enter")
    page.locator("#said", has_text="1c: 10 points").wait_for()
    page.locator(".rubric button").first.click()
    page.keyboard.press("Enter")  # which marks, and does not press the button again
    page.locator("#said", has_text="1c: 8 points").wait_for()
    assert [event.after[0] for event in app.events()] == [8.0, 10.0, 8.0]


def test_a_question_is_run_on_one_case_by_keys(page: Any, app: App) -> None:
    go_to(page, UNGRADED)
    page.keyboard.press("g")
    page.wait_for_selector("#again[open]")
    page.keyboard.press("ArrowDown")  # from all questions to the first case
    page.keyboard.press("Enter")
    page.locator("#outcome b", has_text="graded again: public case (").wait_for()
    assert page.locator("#outcome pre").inner_text() and app.events() == []


def test_an_appeal_is_answered(page: Any, app: App) -> None:
    with Gradebook(app.grades, HW4, alone=False) as gradebook:
        open_appeal(Desk(gradebook, "kim"), STUDENTS[21], "1a", "Why none? <b>I did it</b>")
    page.locator(".items a", has_text="appeal").click()
    page.locator(".appeal", has_text="Why none? <b>I did it</b>").wait_for()
    page.wait_for_load_state()
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.locator("#problem", has_text="an answer needs words").wait_for()
    page.fill("#points", "1")
    page.fill("#comment", "No: it is less")
    page.keyboard.press("Enter")
    page.locator("#said", has_text="1a: 1 points").wait_for()
    with Gradebook(app.grades, HW4, alone=False) as gradebook:
        (appeal,) = appeals(gradebook)
        assert appeal.answer and appeal.answer.text == "No: it is less" and appeal.answer.accepted
        assert gradebook.marked_by_hand() == {STUDENTS[21]}


def test_it_is_said_whose_a_file_is(page: Any, app: App) -> None:
    with Gradebook(app.grades, HW4, alone=False) as gradebook:
        enter_marks(gradebook, attempt_of("untitled", "", open_questions=("whose is it?",)))
    page.locator(".items a", has_text="whose is it?").click()
    wait_for(page, "#assign")
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    page.locator("#problem", has_text="expected a student ID").wait_for()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.locator("#problem", has_text="has no student 1").wait_for()
    page.fill("#student", STUDENTS[21])
    page.keyboard.press("Enter")
    page.locator("#said", has_text="it is said whose it is").wait_for()
    with Gradebook(app.grades, HW4, alone=False) as gradebook:
        assert gradebook.attempt("untitled").students == (STUDENTS[21],)
    page.keyboard.press("z")
    page.locator("#said", has_text="undone").wait_for()
    with Gradebook(app.grades, HW4, alone=False) as gradebook:
        assert gradebook.attempt("untitled").students == ()


def test_two_browsers_see_each_other_and_lose_nothing(browser: Any, page: Any, app: App) -> None:
    second = opened(browser, app)
    other = next(second)
    other.keyboard.press("w")
    other.fill("#who-name", "kim")
    other.keyboard.press("Enter")
    other.get_by_role("button", name="kim").wait_for()
    go_to(other, UNGRADED)
    key = other.locator("body").get_attribute("data-key")
    page.locator(f"[data-item='{key}'] .others", has_text="kim is here").wait_for()
    page.locator(f"[data-item='{key}'] a").click()
    page.locator("#mark .others", has_text="kim has this open, too").wait_for()
    page.fill("#comment", "mine")  # a page with something typed is not reloaded under its hands
    left = page.locator("body").get_attribute("data-version")
    other.keyboard.press("3")
    other.keyboard.press("Enter")
    other.locator("#said", has_text="1c: 3 points").wait_for()
    page.locator("#problem", has_text="Somebody else decided this meanwhile").wait_for()
    page.fill("#points", "9")
    page.keyboard.press("Enter")
    page.locator("#problem", has_text="somebody was faster").wait_for()
    assert page.input_value("#comment") == "mine" and page.locator("body").get_attribute("data-version") == left
    assert [(event.who, event.after[0]) for event in app.events()] == [("kim", 3.0)]
    assert list(second) == []


def test_nothing_confirmed_is_lost_when_the_app_is_killed(browser: Any, app: App) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(app.address)
    go_to(page, UNGRADED)
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    page.locator("#said", has_text="1c: 5 points").wait_for()
    app.end()  # before its reports are there, which follow after some seconds
    assert not (app.grades / "verdicts.csv").exists()
    page.fill("#comment", "typed while it was gone")
    page.keyboard.press("Enter")
    page.locator("#problem", has_text="The app does not answer").wait_for()
    assert page.input_value("#comment") == "typed while it was gone"
    again = App(app.grades)
    page.goto(again.address)
    assert page.locator("#left").inner_text() == "19" and [event.after[0] for event in again.events()] == [5.0]
    again.end(signal.SIGINT)
    with (app.grades / "verdicts.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["by_hand"] for row in csv.DictReader(file) if row["by_hand"]] == ["5"]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_hostile_notebook_is_text(browser: Any, app: App, scheme: str) -> None:
    for width in (360, 1200):
        session = opened(browser, app, viewport={"width": width, "height": 800}, color_scheme=scheme)
        page = next(session)
        page.keyboard.press("n")
        page.get_by_role("button", name="names shown").wait_for()
        page.locator(".items a", has_text=HOSTILE).click()
        page.wait_for_selector("#mark")
        assert page.title() == f"{UNGRADED} {HOSTILE}"
        text = page.locator(".cells").inner_text()
        assert "<script>document.title" in text and "</pre><script>" in text and "<svg" in text
        assert "{{ 7 * 7 }}" in text and "a picture that cannot be shown" in text
        inside = ", ".join(
            f"{place} {tag}" for place in (".cells", "details") for tag in ("script", "style", "svg", "b")
        )
        assert page.locator(f"{inside}, main [style], main [onload]").count() == 0
        page.get_by_text("report.md", exact=True).click()
        assert "<script>document.title" in page.locator("details pre").first.inner_text()
        pictures = page.locator(".cells img")
        assert pictures.count() == 1
        assert pictures.evaluate("one => one.decode().then(() => one.naturalWidth)") == 640
        assert len(page.content()) < 200_000
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto(f"{app.origin}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert list(session) == []
