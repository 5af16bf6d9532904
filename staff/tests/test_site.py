"""The documents' site is built without a warning, holds every page, and asks no other origin for anything."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from test_page_in_browser import browser
from typer.core import TyperGroup

from autograder.cli.app import app
from autograder.course.root import project_root

__all__ = ["browser"]
ROOT = project_root(Path(__file__).parent)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
# What a browser fetches of its own accord, where its address is another origin's.
FETCHED = re.compile(
    r"<(?:script|img|iframe)[^>]*\ssrc=\"(?:https?:)?//|<link[^>]*rel=\"(?!canonical)[^>]*href=\"(?:https?:)?//"
)


def mkdocs(*options: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = mkdocs("--site-dir", str(folder))
    assert built.returncode == 0, built.stderr
    return folder


def test_every_document_is_a_page(site: Path) -> None:
    wanted = {page.stem.lower() for page in PAGES} - {"readme"} | {"index", "changelog"}
    assert wanted <= {page.stem for page in site.glob("*.html")}
    assert (site / "images" / "page.png").is_file() and 'src="images/page.png"' in (site / "index.html").read_text()


def test_no_page_asks_another_origin(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert FETCHED.findall(page.read_text(encoding="utf-8")) == [], page.name
    assert FETCHED.search('<link rel="stylesheet" href="https://fonts.example/x">')


@pytest.mark.slow
def test_a_browser_asks_no_other_origin(browser: Any, site: Path) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for document in sorted(site.rglob("*.html")):
        page.goto(document.as_uri(), wait_until="load")
    page.close()
    assert len(asked) > 20 and [one for one in asked if one.partition(":")[0] not in ("file", "data", "blob")] == []


def test_a_dead_link_is_seen(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("[there](nowhere.md)")
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[0]
    settings = settings.replace("docs_dir: docs", f"docs_dir: {docs}").replace("hooks: [staff/site_pages.py]\n", "")
    (tmp_path / "mkdocs.yml").write_text(settings)
    built = mkdocs("--config-file", str(tmp_path / "mkdocs.yml"), "--site-dir", str(tmp_path / "site"))
    assert built.returncode == 1 and "nowhere.md" in built.stderr + built.stdout


def commands(text: str) -> Iterator[list[str]]:
    """The words of each command of ours that a document shows, without comments and what other programs get."""
    for block in FENCED.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            for command in re.split(r"&&|\|\||;", line):
                words = shlex.split(command, comments=True)
                if words[:3] == ["python", "-m", "autograder"]:
                    words = words[2:]
                if words[:1] == ["autograder"]:
                    yield words[1:]


def fault_of(words: list[str]) -> str:
    """What the command line finds wrong with a command; nothing is run."""
    command: Any = typer.main.get_command(app)
    context = command.context_class(command, info_name="autograder")
    while isinstance(command, TyperGroup):
        name, command, words = command.resolve_command(context, words)
        context = command.context_class(command, parent=context, info_name=name)
    try:
        command.make_parser(context).parse_args(list(words))
    except Exception as error:  # of the click that typer brings, or of the one that is installed
        if not hasattr(error, "format_message"):
            raise
        return str(error.format_message())
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_document_are_those_of_the_command_line(page: Path) -> None:
    for words in commands(page.read_text(encoding="utf-8")):
        assert fault_of(words) == "", " ".join(words)


def test_a_command_that_is_no_longer_there_is_seen() -> None:
    (good, bad) = commands("```sh\nmake x && autograder regrade GRADES --apply   # all\nautograder regrade --al\n```\n")
    assert fault_of(good) == "" and "No such option" in fault_of(bad)
