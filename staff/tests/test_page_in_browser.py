"""A student's page in a browser: nothing overflows, nothing is fetched, everything can be read, light and dark."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from marks import attempt_of, enter_marks

from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.desk.appeals import answer_appeal, open_appeal
from autograder.desk.desk import Desk
from autograder.gradebook.gradebook import Gradebook
from autograder.marking.evidence import Evidence, Excerpt
from autograder.marking.verdict import Verdict
from autograder.messages import load_language
from autograder.models.measurement import Model, ModelScores
from autograder.pages.student_page import write_student_page
from autograder.protocol.grid import Grid

A = "2024-20001"
MOST_BYTES = 300 << 10
WIDTHS = (360, 768, 1200)
CODE = (
    "def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):",
    '    """Every gradient, in the order of the handout."""  # a long remark that no narrow screen has room for',
    "    grad_hidden = grad_output * z + d_h @ weight_hh.T",
    "    return grad_hidden, grad_weight_ih, 1.5e-3, None, self.bias",
)
WIDE = Grid("output (B, H, W, C)", (1, 12, 8, 6), 300, ("0120" * 12,) * 24)
EVIDENCE = Evidence(
    (Excerpt("2-1-1b. Backward propagation", 4, 9, 11, CODE),),
    (("grad_output", "(1, 5) float64"), ("weight_hh", "(15, 5) float64")),
    (WIDE, Grid("grad_bias_ih (3 * hidden,)", (15,), 5, ("000000000022222",))),
    (
        "from autograder.selfcheck.live import case",
        'x, _ = example = case("1a", 3)',
        "got = f(x)",
        'got, example.expected["y"]',
    ),
)
MESSAGE = "\n".join([
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x15 and 5x15)",
    f"in hw4_rnn.ipynb, under '1a. Batches', code cell 4, line 11: {CODE[2].strip()}",
    "there: a_name_that_is_far_too_long_to_fit_into_any_line_of_a_narrow_screen_but_has_to (1, 5) float64",
    "look at: this line, and the shapes and types of what it works on",
])  # fmt: skip
# The contrast of each text with what is behind it, where that is less than it should be.
CONTRAST = """() => {
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const linear = c => c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = numbers(getComputedStyle(one).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.trim()) continue;
    const [one, other] = [numbers(getComputedStyle(node.parentElement).color), behind(node.parentElement)].map(light);
    const ratio = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    if (ratio < 4.5) poor.push([node.data.trim().slice(0, 40), ratio]);
  }
  return poor;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright; where CI asks for it, it has to be there."""
    needed = bool(os.environ.get("NEEDS_BROWSER"))
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        assert not needed, "playwright is missing"
        pytest.skip("playwright is missing: pip install playwright")
    path = shutil.which("chromium")
    if path is None:
        assert not needed, "chromium is missing"
        pytest.skip("chromium is missing: apt-get install chromium")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])  # root needs that
        yield opened
        opened.close()


def _appeal(desk: Desk) -> None:
    """Three appeals: one accepted with other points, one declined and asked again."""
    open_appeal(
        desk, A, "1f", f"My bound is the handout's.\n{'x' * 200}\n<script>alert(1)</script>", "2024-07-01 10:00"
    )
    answer_appeal(desk, A, "1f", "You are right: both bounds are fine, and yours is tighter.", accepted=True, points=4)
    open_appeal(desk, A, "1b", "I thought 1b had three points?", "7/1/24 9:15:30")
    answer_appeal(desk, A, "1b", "It has two, as the handout says.", accepted=False)
    open_appeal(desk, A, "1b", "Which page of the handout?", "2024-07-03 09:00")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A page on which everything stands, in English and in Korean, and one of full marks."""
    folder, hw4 = tmp_path_factory.mktemp("pages"), load(project_root())["hw4"]
    written = {}
    for name, language in (("english", "en"), ("korean", "both")):
        with Gradebook(folder / name, replace(hw4, language=load_language(language))) as gradebook:
            gradebook.start_run(2, ["x"])
            failed = replace(Verdict.scored("1a", 0, 3, "error", MESSAGE), evidence=EVIDENCE)
            partly = replace(Verdict.scored("1c", 4, 10, "a long name of a mistake", "y is wrong"), evidence=EVIDENCE)
            doubted = Verdict.ungraded("2c", 10, "unknown value", "A teaching assistant looks at this.")
            passed = [
                Verdict.scored("1b", 2, 2),
                replace(Verdict.scored("1f", 5, 5), figure="91.25 % (6,935 of 7,600)"),
            ]
            notes = ("the archive is called '2024-20001 (1) a name with a_very_long_part_that_does_not_break.zip'",)
            enter_marks(gradebook, attempt_of("a", A, notes=notes), [failed, partly, doubted, *passed])
            scores = ModelScores("1e", (Model("sentiment-1", 138), Model("broken", None, "is damaged")), 200, b"", 1)
            gradebook.record_scores("a", Verdict.scored("1e", 5, 5), scores)
            _appeal(Desk(gradebook, "a teacher"))
            written[name] = write_student_page(gradebook, "a")
            if name == "english":
                every = [Verdict.scored(question, points, points) for question, points in hw4.questions.items()]
                enter_marks(gradebook, attempt_of("b", "2024-20002"), every)
                written["perfect"] = write_student_page(gradebook, "b")
    return written


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["english", "korean", "perfect"])
def test_a_page_can_be_read_at_every_width(browser: Any, pages: dict[str, Path], name: str, scheme: str) -> None:
    address = pages[name].as_uri()
    for width in WIDTHS:
        said: list[str] = []
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page = context.new_page()
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.on("request", lambda request, said=said: said.append(request.url))
        page.goto(address)
        assert said == [address]  # its own, and no word of the browser's
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        inside = (
            "[...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)"
        )
        assert page.evaluate(f"{inside}.map(one => one.outerHTML.slice(0, 80))") == []
        assert page.evaluate(CONTRAST) == []
        context.close()


def test_a_narrow_page_breaks_no_word(browser: Any, pages: dict[str, Path]) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(pages["english"].as_uri())
    heights = page.evaluate("[...document.querySelectorAll('.state')].map(one => [one.innerText, one.clientHeight])")
    assert len(heights) > 10 and all(height < 40 for _, height in heights), heights
    page.close()


def test_a_page_is_a_document_to_a_screen_reader(browser: Any, pages: dict[str, Path]) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(pages["english"].as_uri())
    for role, number in (("main", 1), ("banner", 1), ("contentinfo", 1), ("img", 4), ("heading", 9)):
        assert page.get_by_role(role).count() >= number, role
    for role, name in (
        ("columnheader", "Points"),
        ("rowheader", "1a. Batches"),
        ("cell", "not right"),
        ("link", "1a."),
    ):
        assert page.get_by_role(role, name=name).count(), (role, name)
    assert page.get_by_role("img", name="output (B, H, W, C): 300 of 576 wrong").count() == 2
    page.close()


def test_pages_are_light(pages: dict[str, Path]) -> None:
    assert max(page.stat().st_size for page in pages.values()) < MOST_BYTES
