"""The class page in a browser: nothing overflows or is fetched, all can be read, the table sorts and searches."""

from pathlib import Path
from typing import Any

import pytest
from sample_class import HOSTILE, write_class
from test_page_in_browser import CONTRAST, WIDTHS, browser

from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.pages.class_page import write_class_page

__all__ = ["browser"]
SIZE = 30


@pytest.fixture(scope="module")
def class_html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, hw4 = tmp_path_factory.mktemp("class"), load(project_root(Path(__file__).parent))["hw4"]
    write_class(folder, hw4, SIZE)
    with Gradebook(folder, hw4) as gradebook:
        return write_class_page(gradebook)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_at_every_width(browser: Any, class_html: Path, scheme: str) -> None:
    address = class_html.as_uri()
    for width in WIDTHS:
        said: list[str] = []
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page = context.new_page()
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.on("request", lambda request, said=said: said.append(request.url.partition(",")[0]))
        page.goto(address)
        assert {*said} <= {address, "data:image/svg+xml;base64"}
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("[...document.images].every(one => one.complete && one.naturalWidth > 300)")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CONTRAST) == []
        context.close()


def test_the_table_searches_and_sorts(browser: Any, class_html: Path) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.goto(class_html.as_uri())
    rows = "[...document.querySelectorAll('#class tbody tr')].filter(one => !one.hidden)"
    seen = f"{rows}.map(one => one.cells[{{}}].innerText)"
    assert len(page.evaluate(seen.replace("{}", "0"))) == SIZE
    page.get_by_role("searchbox", name="Search").fill("STUDENT 2024-2002")
    names = page.evaluate(seen.replace("{}", "1"))
    assert names == [f"Student {number}" for number in range(19, 29)]
    assert page.locator("#shown").inner_text() == f"{len(names)} / {SIZE}"
    page.get_by_role("searchbox", name="Search").fill("")
    for direction in ("ascending", "descending"):
        page.get_by_role("button", name="Total").click()
        totals = [float(one) for one in page.evaluate(seen.replace("{}", "3"))]
        assert totals == sorted(totals, reverse=direction == "descending") and len(totals) == SIZE
        assert page.get_by_role("columnheader", name="Total").get_attribute("aria-sort") == direction
    page.close()


def test_hostile_names_are_shown_as_they_are(browser: Any, class_html: Path) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(class_html.as_uri())
    names = page.evaluate("[...document.querySelectorAll('#class tbody tr')].map(one => one.cells[1].textContent)")
    assert names[0] == HOSTILE[0] and names[2] == HOSTILE[2]
    page.close()
