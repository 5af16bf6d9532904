"""Documents are true where a test can say so: links, rooms, pictures, hooks."""

import csv
import html
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.checks.case import load_module
from autograder.course.root import project_root

ROOT = project_root(Path(__file__).parent)
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"""(?:\]\(|src=")([^)"\s]+)[)"]""")
FENCED = re.compile(r"^```.*?^```", re.M | re.S)
CODE = re.compile(r"`[^`\n]*`")


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading: lower case, without punctuation, hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """The anchors of a page."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.M)}


def dead_links(page: Path) -> list[str]:
    """The relative links of a page that lead to no file, or to no heading of it."""
    dead = []
    for link in LINK.findall(CODE.sub("", FENCED.sub("", page.read_text(encoding="utf-8")))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (heading and heading not in anchors(target)):
            dead.append(link)
    return dead


def contracts() -> list[dict[str, Any]]:
    """The contracts of import-linter."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return listed


def rooms() -> set[str]:
    """The rooms that the contract of layers names."""
    (layers,) = [contract["layers"] for contract in contracts() if contract["type"] == "layers"]
    return {room for layer in layers for room in layer.split(" | ")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert dead_links(page) == []


def test_dead_links_are_seen(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# What's *new*, 2-1?\n```\n# no heading\n```\n")
    good = ["other.md", "#here", "other.md#whats-new-2-1", "https://example.com/x#y"]
    bad = ["none.md", "#there", "other.md#no-heading", "other.md#whats-new"]
    page = tmp_path / "page.md"
    page.write_text("# Here\n" + "\n".join(f"[x]({link})" for link in good + bad) + "\n`[x](y)`\n```\n[x](y)\n```\n")
    assert dead_links(page) == bad


def test_contributing_has_a_sentence_for_every_room() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)/` \|", page, re.M)) == rooms()


def test_hooks_are_commands_of_make_check() -> None:
    checks = (ROOT / "Makefile").read_text(encoding="utf-8").split("\ncheck: ")[1].split("\n\n")[0]
    commands = {line.strip().replace("$(BIN)", ".venv/bin") for line in checks.splitlines()[1:]}
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"  # so that no hook needs a network
    for hook in repository["hooks"]:
        assert hook["entry"] in commands
        assert hook["language"] == "system" and not hook["pass_filenames"]
        assert (ROOT / hook["entry"].split()[0]).name in ("ruff", "lint-imports")


def test_the_picture_of_rooms_follows_the_contracts(tmp_path: Path) -> None:
    pictures = load_module(ROOT / "staff" / "pictures" / "rooms.py", "pictures")
    picture = (ROOT / "docs" / "images" / "rooms.svg").read_text(encoding="utf-8")
    assert pictures.draw(ROOT) == picture, "`make pictures` draws it anew"
    assert rooms() <= set(re.findall(r'class="name">(\w+)<', picture))

    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(settings.replace('"models",', '"attic",\n    "models",'))
    with pytest.raises(ValueError, match=r"only one of pyproject.toml and rooms.py names these rooms: attic"):
        pictures.draw(tmp_path)
    (tmp_path / "pyproject.toml").write_text(settings.replace('"intake | marking"', '"marking | intake"'))
    assert pictures.draw(tmp_path) != picture


def test_the_picture_of_the_table_has_the_points_of_the_golden_report() -> None:
    picture = html.unescape((ROOT / "docs" / "images" / "table.svg").read_text(encoding="utf-8"))
    lines: dict[str, list[str]] = {}
    for height, text in re.findall(r'<text [^>]* y="([\d.]+)"[^>]*>(.*?)</text>', picture):
        lines.setdefault(height, []).extend(text.split())
    shown = {words[0]: words[1:] for words in lines.values() if words}
    with (ROOT / "staff/submissions/golden/hw4/grades.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            points = [row[column] for column in row if column.startswith("Q ") or column == "total"]
            assert shown[row["student_id"]][: len(points)] == points, "`make pictures` draws it anew"


def test_every_picture_that_is_drawn_is_there_and_shown() -> None:
    script = (ROOT / "staff" / "pictures" / "draw.py").read_text(encoding="utf-8")
    drawn = set(re.findall(r'"([\w-]+\.(?:svg|png))"', script))
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    shown = {name for text in texts for name in re.findall(r"images/([\w-]+\.\w+)[)\"]", text)}
    drawn |= {name for text in texts for name in re.findall(r"--plot docs/images/([\w-]+\.\w+)", text)}
    assert len(drawn) >= 4 and drawn <= shown
    assert drawn == {path.name for path in (ROOT / "docs" / "images").iterdir()}, "`make pictures` draws them anew"


def missing_files(page: Path) -> list[str]:
    """The files of code that a page names and that are not there; rooms are named without the engine's folder."""
    names = re.findall(r"`((?:\w+/)+\w+\.(?:py|sh|toml))`", page.read_text(encoding="utf-8"))
    return [name for name in names if not any((folder / name).is_file() for folder in (ROOT, ROOT / "autograder"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_document_names_are_there(page: Path) -> None:
    assert missing_files(page) == []


def test_missing_files_are_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("`cli/app.py` `staff/cases/gru.py` `cli/attic.py` `staff/solutions/<topic>.py`")
    assert missing_files(page) == ["cli/attic.py"]
