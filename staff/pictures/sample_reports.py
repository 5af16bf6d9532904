"""What `autograder grade` gives for a sample class, as pictures: the table (SVG), two pages and the review (PNG).

The table is the same bytes wherever the class is graded alike. The pages depend on the browser and its fonts.
"""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import build
from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console

from autograder.course.manifest import load
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.table import table
from autograder.pages.class_page import write_class_page
from autograder.pages.student_page import write_student_page

ASSIGNMENT, STUDENT, QUESTION = "hw4", "2024-30003", "3b"
COLUMNS = 100
TITLE = f"autograder grade SUBMISSIONS --assignment {ASSIGNMENT} --out GRADES"
FONT = 'ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'
PAGE = (880, 1340)  # pixels: the questions and the first messages
CLASS = (1100, 1400)  # pixels: what needs a person, the plots
REVIEW = (1100, 1000)  # pixels: a question that waits, and the code
COLOURS = 64  # in the PNG, a third of its size otherwise
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def draw(table: Path, page: Path, class_page: Path, review: Path) -> None:
    """Grades the sample class and writes the pictures of its table, of a student's page, of its own, and of its review.

    Raises FileNotFoundError where there is no browser (the table is written then), CalledProcessError if it fails.
    """
    with tempfile.TemporaryDirectory() as temporary:
        submissions, out = Path(temporary) / ASSIGNMENT, Path(temporary) / "grades"
        build.write_class(ASSIGNMENT, submissions)
        build.grade(ASSIGNMENT, submissions, out, jobs=os.cpu_count() or 1)
        with Gradebook(out, load(build.ROOT)[ASSIGNMENT]) as gradebook:
            table.write_text(_terminal(gradebook), encoding="utf-8")
            photograph(write_student_page(gradebook, STUDENT), page, PAGE)
            photograph(write_class_page(gradebook), class_page, CLASS)
        _photograph_review(out, review)


def _terminal(gradebook: Gradebook) -> str:
    """The class as `grade` prints it, in a drawn terminal; fonts are the reader's own."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(table(gradebook))
    picture = console.export_svg(title=TITLE, unique_id="table")
    picture = re.sub(r"\s*@font-face \{.*?\}", "", picture, flags=re.S).replace("Fira Code, monospace", FONT)
    return re.sub(r"[ \t]+$", "", picture, flags=re.M)


def _browser(picture: Path) -> str:
    if browser := next(filter(None, map(shutil.which, BROWSERS)), None):
        return browser
    raise FileNotFoundError(f"{picture.name} needs one of: {', '.join(BROWSERS)}")


def _photograph_review(grades: Path, picture: Path) -> None:
    """What the review shows of a question that waits for a person; its names are pseudonyms."""
    command = [sys.executable, "-m", "autograder", "review", str(grades), "--as", "assistant"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as app, sync_playwright() as driver:
        assert app.stdout
        try:
            browser = driver.chromium.launch(executable_path=_browser(picture), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": REVIEW[0], "height": REVIEW[1]})
            page.goto(app.stdout.readline().strip())
            page.locator(f"a[href='/?question={QUESTION}']").click()
            page.locator("[data-item] a").first.click()
            page.wait_for_load_state("networkidle")
            page.screenshot(path=picture)
            browser.close()
        finally:
            app.send_signal(signal.SIGTERM)
    _keep_few_colours(picture, picture)


def photograph(html: Path, picture: Path, pixels: tuple[int, int]) -> None:
    """The top of a page, in few colours."""
    browser = _browser(picture)
    shot = html.with_suffix(".png")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]  # root needs --no-sandbox
    size = f"--window-size={pixels[0]},{pixels[1]}"
    subprocess.run([*command, size, f"--screenshot={shot}", html.as_uri()], check=True, stderr=subprocess.DEVNULL)
    _keep_few_colours(shot, picture)


def _keep_few_colours(shot: Path, picture: Path) -> None:
    with Image.open(shot) as image:
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(picture, optimize=True)
