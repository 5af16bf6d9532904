"""The class page of a made-up class: seconds to write it, its size, and seconds until Chromium shows and sorts it.

python benchmarks/class_page.py [STUDENTS ...]
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "staff" / "tests"))

from sample_class import write_class  # noqa: E402

from autograder.course.manifest import load  # noqa: E402
from autograder.gradebook.gradebook import Gradebook  # noqa: E402
from autograder.pages.class_page import write_class_page  # noqa: E402

FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def main() -> None:
    """Measures each size and prints a line for it, under the load before."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("students", type=int, nargs="*", default=[60, 1000], help="how many are in a class")
    assignment = load(ROOT)["hw4"]
    for size in parser.parse_args().students:
        with tempfile.TemporaryDirectory() as folder:
            grades = Path(folder) / "grades"
            write_class(grades, assignment, size)
            load_before = os.getloadavg()[0]
            with Gradebook(grades, assignment) as gradebook:
                began = time.perf_counter()
                page = write_class_page(gradebook)
                seconds = time.perf_counter() - began
            opened, searched, sorted_ = _opened(page)
            print(f"{size} students: {page.stat().st_size / 1e6:.2f} MB, written in {seconds:.1f} s,", end=" ")
            print(f"opened in {opened:.2f} s, searched in {searched:.2f} s, sorted in {sorted_:.2f} s,", end=" ")
            print(f"load before {load_before:.1f}", flush=True)


def _opened(path: Path) -> tuple[float, float, float]:
    """Seconds in Chromium: to open and draw the page, to search and to sort its table."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        began = time.perf_counter()
        page.goto(path.as_uri())
        page.evaluate(FRAMES)
        opened = time.perf_counter()
        page.fill("#search", "2024-2005")
        page.evaluate(FRAMES)
        page.fill("#search", "")
        searched = time.perf_counter()
        page.click("#class thead th:nth-child(4) button")
        page.evaluate(FRAMES)
        ended = time.perf_counter()
        browser.close()
    return opened - began, searched - opened, ended - searched


if __name__ == "__main__":
    main()
