"""How long a review takes: a class of 60 with 25 things to look at, by the keyboard alone: python benchmarks/review.py.

A browser reads every item, marks it and goes on, as a person would; it says the keys pressed, and for how many seconds
an item's pages and marks were waited for. Needs playwright and chromium.
"""

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "staff" / "tests"))

from playwright.sync_api import Page, Request, sync_playwright  # noqa: E402
from review_class import make_class  # noqa: E402
from test_review_in_browser import App  # noqa: E402


class Keyboard:
    """The keys of a page, counted."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.pressed = 0

    def press(self, *keys: str) -> None:
        """Presses keys one after the other."""
        for key in keys:
            self._page.keyboard.press(key)
            self.pressed += 1


def review(page: Page) -> tuple[int, list[float]]:
    """Marks everything; the keys that took, and the seconds that the server took for each item."""
    waited: list[float] = []
    kinds = ("document", "fetch")

    def add(request: Request) -> None:
        timing = request.timing
        if request.resource_type in kinds and "/changes" not in request.url and waited:
            waited[-1] += max(0.0, timing["responseEnd"] - timing["requestStart"]) / 1000

    page.on("requestfinished", add)
    keyboard = Keyboard(page)
    keyboard.press("j")
    waited.append(0.0)
    keyboard.press("Enter")
    while True:
        page.wait_for_selector("#mark, .done")
        if not page.locator("#mark").count():
            waited.pop()
            return keyboard.pressed, waited
        before = page.url
        name = page.locator(".now .state").inner_text()
        diagnosis = page.locator("article h2 .quiet").first.inner_text()
        if name == "?" and diagnosis == "unknown value":
            keyboard.press("4", "Tab", *"Colab", "Escape", "t")
            page.wait_for_selector("#alike[open]")
        elif name == "?":
            keyboard.press("r", "1")
        keyboard.press("Enter")
        page.wait_for_function("before => location.href !== before", arg=before)
        waited.append(0.0)


def main() -> int:
    """Prints the figures; returns the exit code."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        app = App(make_class(Path(folder)))
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(app.address)
        keys, waited = review(page)
        marks = sum(event.action == "mark" for event in app.events())
        browser.close()
        app.end()
    each = f"median {statistics.median(waited):.2f} s, most {max(waited):.2f} s"
    print(f"{marks} marks on {len(waited)} pages with {keys} keys; server: {each} a page, {sum(waited):.1f} s in all")
    return 0 if marks == 25 else 1


if __name__ == "__main__":
    sys.exit(main())
