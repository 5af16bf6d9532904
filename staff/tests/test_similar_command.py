"""`autograder similar`: its table and files, its page in a browser, and what it says of input that cannot be used."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from similar_class import HW4, ROOT, Files, enter, notebook_of, variants, write_archive, write_class

from autograder.gradebook.gradebook import Gradebook

RNN = "hw4_rnn.ipynb"
HOSTILE = "<script>document.title='got'</script><img src=https://example.org/x onerror=alert(1)>"
REPORT = f"협업: 2024-20001 {HOSTILE}\n" + " ".join(f"word{number}" for number in range(80))


def run(*words: object) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "autograder", "similar", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=240)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, " ".join(done.stderr.split())


def files_of(*mutants: str) -> list[Files]:
    """Notebooks with wrong answers, which the course does not know as its own, and a report that is the same."""
    answers = {answer.path.stem: answer for answer in variants("rnn", "mutants")}
    return [{RNN: notebook_of(answers[name], f"{answers[name].code}\n{OWN}"), "report.md": REPORT} for name in mutants]


OWN = """
def collate_batch(batch):
    # 모든 문장을 한 표에 쓴다 <b>bold</b>
    longest = max(len(text_pipeline(text)) for _, text in batch)
    rows, marks, sizes = [], [], []
    for mark, text in sorted(batch, key=lambda one: -len(one[1])):
        ids = text_pipeline(text)
        rows.append(ids + [0 for _ in range(longest - len(ids))])
        marks.append(label_pipeline(mark))
        sizes.append(len(ids) if ids else 1)
    table = torch.tensor(rows, dtype=torch.int64).reshape(len(rows), longest)
    while table.shape[1] > 512:
        table = table.narrow(1, 0, table.shape[1] - 1).contiguous()
    return torch.tensor(marks).long(), table.clamp(min=0), torch.as_tensor(sizes).clamp_max(512).float()
"""


@pytest.fixture(scope="module")
def grades(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """GRADES of two alike, whose reports are in two encodings, one unreadable notebook and one archive that is gone."""
    folder = tmp_path_factory.mktemp("class")
    one, other = files_of("collate_not_written", "collate_not_written")
    other = {**other, "report.md": REPORT.encode("utf-16")}
    grades = write_class(folder, [one, other, {RNN: b"no notebook"}])
    with Gradebook(grades, HW4) as gradebook:
        enter(gradebook, "2024-20009.zip", ["2024-20009"], 9)
    return grades


@pytest.fixture(scope="module")
def said(grades: Path) -> str:
    code, out, err = run(grades)
    assert (code, err) == (0, "")
    return out


def test_the_table_says_who_is_alike_who_was_first_and_what_could_not_be_read(said: str) -> None:
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert "100% report.md (report) 2024-20001 2024-20002 2024-20001 2024-20002" in " | ".join(lines)
    assert any(line.startswith("100% 1a 2024-20001 2024-20002 2024-20001") for line in lines)
    assert any(line.startswith("not read: 2024-20003.zip: hw4_rnn.ipynb: The file cannot be read") for line in lines)
    assert "not read: 2024-20009.zip: is not there any more" in lines
    assert any(line.startswith("too short to tell for most: ") for line in lines)
    assert "pairs that are so alike, in %, from 0 10 20 30 40 50 60 70 80 90" in lines
    assert "1a (answer) · · · · · · · · · 1" in lines
    assert "similar is not guilty" in lines[-2]


def test_files_hold_every_pair_for_their_owner_alone(grades: Path, said: str) -> None:
    assert said
    folder = grades / "similarity"
    with (folder / "similar.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["kind"], row["one"], row["other"]) for row in rows} >= {("answer", "2024-20001", "2024-20002")}
    told = json.loads((folder / "similar.json").read_text(encoding="utf-8"))
    assert told["pairs"] == rows and told["people"] == 4
    assert {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {"0o600"}


@pytest.mark.slow
def test_json_alone_is_printed_and_files_go_where_they_shall(grades: Path, tmp_path: Path) -> None:
    code, out, _ = run(grades, "--json", "--out", tmp_path / "here")
    assert code == 0 and json.loads(out)["assignment"] == HW4.title
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == [
        f"similar.{end}" for end in ("csv", "html", "json")
    ]


@pytest.mark.slow
def test_one_student_is_alike_nobody(tmp_path: Path) -> None:
    code, out, _ = run(write_class(tmp_path, files_of("collate_not_written")))
    assert code == 0 and "no two of 1 students or groups are alike" in out


@pytest.mark.slow
def test_what_cannot_be_used_is_named(grades: Path, tmp_path: Path) -> None:
    empty = write_class(tmp_path / "empty", [])
    moved = write_class(tmp_path / "moved", files_of("collate_not_written"))
    (tmp_path / "moved" / "submissions").rename(tmp_path / "moved" / "elsewhere")
    placeless = write_class(tmp_path / "placeless", files_of("collate_not_written"))
    with Gradebook(placeless, HW4) as gradebook, gradebook.transaction() as connection:
        connection.execute("DELETE FROM meta WHERE key = 'submissions'")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "todo.txt").write_text("nothing")
    write_archive(tmp_path / "notes" / "2023-10001.zip", {"todo.txt": "nothing"})
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "gradebook.sqlite").write_bytes(b"no database at all" * 100)
    for words, says in (
        ((tmp_path / "nowhere",), "no such file; expected the folder that `autograder grade --out` named"),
        ((empty,), "nothing that was handed in stands in it; expected a folder into which"),
        ((placeless,), "does not say where the class lay; grade it once more into it"),
        ((grades, "--earlier", placeless), "its gradebook does not say where what was handed in lay; name that"),
        ((moved,), "which is not there any more; put it back there"),
        ((grades, "--earlier", tmp_path / "nowhere"), "no such folder; expected a GRADES folder, or one of archives"),
        ((grades, "--earlier", tmp_path / "notes"), "is no GRADES folder, and none of its 2 entries holds a notebook"),
        ((grades, "--earlier", tmp_path / "broken"), "gradebook.sqlite in it is no gradebook"),
    ):
        code, out, err = run(*words)
        assert (code, out) == (2, "") and says in err, (words, err)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("no chromium here")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_the_page_fits_fetches_nothing_and_runs_nothing(
    browser: Any, grades: Path, said: str, width: int, scheme: str
) -> None:
    assert said
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    address = (grades / "similarity" / "similar.html").as_uri()
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.title().startswith("Similarity") and requests == [address]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("mark").count() > 20 and page.locator("script, img").count() == 0
    assert "script>document.title" in page.inner_text("main")
    page.close()
