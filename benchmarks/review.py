"""How long a review takes: a class of 60 with 25 things to look at, by the keyboard alone: python benchmarks/review.py.

A browser reads every item, marks it and goes on, as a person would; it says the keys pressed, and for how many seconds
an item's pages and marks were waited for. A second browser has the queue open: it says how long after a mark was
confirmed it stands there. Needs playwright and chromium.
"""

import os
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


# In the other browser: the moments at which the number of what is left has changed.
NOTICE = """() => {
  window.seen = [];
  new MutationObserver(() => window.seen.push(Date.now() / 1000))
    .observe(document.getElementById("left"), { childList: true, characterData: true, subtree: true });
}"""


def main() -> int:
    """Prints the figures; returns the exit code."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        app = App(make_class(Path(folder)))
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(app.address)
        other = browser.new_context().new_page()
        other.goto(app.address)
        other.evaluate(NOTICE)
        confirmed: list[float] = []

        def note(request: Request) -> None:
            if request.url.endswith("/mark"):
                confirmed.append((request.timing["startTime"] + request.timing["responseEnd"]) / 1000)

        page.on("requestfinished", note)
        keys, waited = review(page)
        other.wait_for_selector(".done")
        seen: list[float] = other.evaluate("seen")
        marks = sum(event.action == "mark" for event in app.events())
        browser.close()
        app.end()
    first, *others = waited  # which waits for the course, whose checks import torch
    each = f"median {statistics.median(others):.2f} s, most {max(others):.2f} s"
    later = [min(moment for moment in seen if moment >= one) - one for one in confirmed]
    print(f"the other browser shows a mark after {statistics.median(later):.2f} s, {max(later):.2f} s at most")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{marks} marks on {len(waited)} pages with {keys} keys; server: {each} a page, the first {first:.2f} s")
    return 0 if marks == 25 else 1


if __name__ == "__main__":
    sys.exit(main())
