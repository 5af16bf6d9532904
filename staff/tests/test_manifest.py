"""assignments.toml is read strictly: every slip in it is named with its place and what is expected there."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from autograder.course.limits import QuestionLimits
from autograder.course.manifest import Assignment, ManifestError, load, points_text
from autograder.course.model_question import ModelQuestion
from autograder.course.root import project_root
from autograder.notebook.repair import Kind, Repair

TEXT = r"""
student_id = '\d{4}-\d{5}'
[hw]
title = "Homework"
deadline = 2024-06-14T18:00:00
timezone = "Asia/Seoul"
archive = "{student_id}.zip"
points = 100
required = ["a.ipynb", "b.ipynb", "checkpoints/"]
[hw.notebooks]
"a.ipynb" = ["gru"]
"b.ipynb" = ["vit", "swin"]
[hw.notebook_points]
"a.ipynb" = 45
"b.ipynb" = 55
[hw.questions]
1b = 20
1a = 7.5
[hw.limits]
seconds = 10
memory_mib = 2048
[hw.limits.1a]
seconds = 2.5
cpu_seconds = 30
[hw.measured.1b]
data = "reviews"
folder = "checkpoints/1b"
models = "*/model.pt"
threshold = 88
distinct = 5
best_share = 0.9
worst_share = 0
seconds = 600
memory_mib = 4096
[hw.repairs]
"notebook name" = 0.5
paths = 10
"""


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "assignments.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def homework(tmp_path: Path) -> Assignment:
    return load(written(tmp_path, TEXT))["hw"]


def test_every_field_is_read(homework: Assignment) -> None:
    assert (homework.name, homework.title, homework.points) == ("hw", "Homework", 100)
    assert homework.deadline == datetime(2024, 6, 14, 18, tzinfo=ZoneInfo("Asia/Seoul"))
    assert homework.deadline.isoformat() == "2024-06-14T18:00:00+09:00"
    assert homework.required == ("a.ipynb", "b.ipynb", "checkpoints/")
    assert homework.notebooks == {"a.ipynb": ("gru",), "b.ipynb": ("vit", "swin")}
    assert homework.notebook_points == {"a.ipynb": 45, "b.ipynb": 55}
    assert homework.limits == QuestionLimits(10, 2048, cpu_seconds=120, scratch_mib=64, output_mib=64)


def test_a_question_may_have_limits_of_its_own(homework: Assignment) -> None:
    assert homework.limits_of("1a") == QuestionLimits(2.5, 2048, cpu_seconds=30)
    assert homework.limits_of("1b") == homework.limits
    faster = homework.with_seconds(1)
    assert [faster.limits_of(label).seconds for label in ("1a", "1b")] == [1, 1]
    assert faster.limits_of("1a").cpu_seconds == 30


def test_a_measured_question_is_read(homework: Assignment) -> None:
    expected = ModelQuestion("reviews", "checkpoints/1b", "*/model.pt", 88, 5, 0.9, 0.0, 600.0, 4096, 0, 512)
    assert homework.model_questions == {"1b": expected}
    assert isinstance(homework.model_questions["1b"].threshold, int)


def test_an_assignment_may_measure_nothing(tmp_path: Path) -> None:
    without, _, _ = TEXT.partition("[hw.measured")
    assert load(written(tmp_path, without))["hw"].model_questions == {}


def test_a_kind_of_repair_costs_once(homework: Assignment) -> None:
    assert homework.repairs == {"notebook name": 0.5, "paths": 10}
    renamed, paths = (
        Repair(Kind.NOTEBOOK_NAME, "'A.ipynb' was read as a.ipynb"),
        Repair(Kind.PATHS, "names were shortened"),
    )
    free, again = Repair(Kind.WRAPPING, "opened"), Repair(Kind.NOTEBOOK_NAME, "'B.ipynb' was read as b.ipynb")
    assert homework.costs([renamed, free, paths, again]) == [("names were shortened", 10), (renamed.note, 0.5)]
    assert homework.costs([free]) == []


def test_every_kind_of_repair_is_explained() -> None:
    explained = (project_root(Path(__file__).parent) / "docs" / "intake.md").read_text(encoding="utf-8")
    assert [line.split("`")[1] for line in explained.splitlines() if line.startswith("| `")] == [*Kind]


def test_repairs_cost_nothing_unless_it_is_said(tmp_path: Path) -> None:
    without, _, _ = TEXT.partition("[hw.repairs")
    found = load(written(tmp_path, without))["hw"]
    assert found.repairs == {} and found.costs([Repair(Kind.PATHS, "shortened")]) == []


def test_questions_keep_the_order_of_the_file(homework: Assignment) -> None:
    assert list(homework.questions.items()) == [("1b", 20), ("1a", 7.5)]
    assert homework.points_in == 27.5


def test_a_total_says_how_much_is_covered(tmp_path: Path, homework: Assignment) -> None:
    assert homework.total_text(12.25) == "12.25 of 27.5 (of 100)"
    complete = load(written(tmp_path, TEXT.replace("1a = 7.5", "1a = 80")))["hw"]
    assert complete.total_text(35) == "35 of 100"


@pytest.mark.parametrize(("points", "text"), [(10, "10"), (0, "0"), (100.0, "100"), (7.5, "7.5"), (10 / 3, "3.33")])
def test_points_have_no_needless_zeros(points: float, text: str) -> None:
    assert points_text(points) == text


def test_student_ids_are_found_inside_names(homework: Assignment) -> None:
    assert homework.student_ids("login_LATE_48211_2024-20001-1.zip") == ["2024-20001"]
    assert homework.student_ids("2024-20002 and 2024-20001, 2024-20002") == ["2024-20002", "2024-20001"]
    assert homework.student_ids("12024-20001 2024-200011 ٢٠٢٤-20001") == []


def test_an_archive_is_named_after_its_student(homework: Assignment) -> None:
    assert homework.is_archive_name("2024-20001.zip")
    assert homework.archive_text == "<student ID>.zip"
    assert not any(map(homework.is_archive_name, ["2024-20001xzip", "x2024-20001.zip", "2024-20001.zip.zip", "1.zip"]))


def test_the_courses_own_manifest_loads() -> None:
    found = load(project_root(Path(__file__).parent))
    assert found["hw4"].deadline.isoformat() == "2024-06-14T18:00:00+09:00"
    assert found["assignment2"].deadline.isoformat() == "2024-10-30T23:59:00+09:00"
    assert [assignment.points for assignment in found.values()] == [100, 100]
    assert found["assignment2"].required == (
        "Assignment2-1_RNN.ipynb",
        "Assignment2-2_Transformers.ipynb",
        "model_checkpoints/",
    )
    assert [found["assignment2"].questions[label] for label in ("2-1-2", "2-2-2")] == [20, 20]
    assert [(m.data, m.threshold, m.distinct) for m in found["assignment2"].model_questions.values()] == [
        ("imdb", 88, 5),
        ("cifar10", 73, 1),
    ]


def test_the_project_root_is_the_nearest_folder_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = written(tmp_path, TEXT) / "x" / "y"
    below.mkdir(parents=True)
    assert project_root(below) == tmp_path.resolve()
    monkeypatch.chdir(below)
    assert project_root() == tmp_path.resolve()


def test_there_is_no_project_root_without_a_manifest_above(tmp_path: Path) -> None:
    with pytest.raises(
        ManifestError, match=rf"^there is no assignments\.toml in {re.escape(str(tmp_path))} or above it"
    ):
        project_root(tmp_path)


SLIPS = [
    (
        "paths = 10",
        "tardy = 10",
        "[hw.repairs] tardy: expected no such key, but archive format, archive name, backup, cell type, copies",
    ),
    ("paths = 10", "paths = -1", "[hw.repairs] paths: expected a positive number, got -1"),
    ("paths = 10", "paths = '10'", "[hw.repairs] paths: expected a positive number, got '10'"),
    ('"a.ipynb" = 45', '"a.ipynb" = 40', "[hw] notebook_points: expected 100 points over all the notebooks"),
    ('"a.ipynb" = 45', '"c.ipynb" = 45', "[hw] notebook_points: expected 100 points over all the notebooks"),
    ("student_id = '", "student = '", "student_id is missing"),
    (r"'\d{4}-\d{5}'", "'('", "student_id: expected a regular expression"),
    (r"'\d{4}-\d{5}'", r"'\d*'", "student_id: expected a regular expression that matches no empty text"),
    (r"'\d{4}-\d{5}'", "5", "student_id: expected a text in quotes, got 5"),
    (
        "[hw]\n",
        "[hw]\nnotebook = 1\n",
        "[hw] notebook: expected no such key, but appeals, archive, colab, counts, deadline",
    ),
    ("[hw]\n", "[hw]\ncolab = 'https://x.org/'\n", "[hw] colab: expected an address such as 'https://colab.research."),
    ("[hw]\n", "[hw]\ncolab = 'http://x.org/{notebook}'\n", "[hw] colab: expected an address such as"),
    ("[hw]\n", "[hw]\ncolab = 'https://x.org/{a}{notebook}'\n", "[hw] colab: expected an address such as"),
    ("[hw]\n", "[hw]\nlanguage = 'kr'\n", "[hw] language: expected one of en, ko, both, got 'kr'"),
    ('title = "Homework"', "", "[hw] title is missing"),
    ('title = "Homework"', 'title = " "', "[hw] title: expected a text in quotes"),
    ("2024-06-14T18:00:00", "2024-06-14", "[hw] deadline: expected a date and time"),
    ("2024-06-14T18:00:00", "2024-06-14T18:00:00Z", "[hw] deadline: expected a date and time without offset"),
    ('timezone = "Asia/Seoul"', "", "[hw] timezone is missing"),
    ("Asia/Seoul", "Asia/Soul", "[hw] timezone: expected a time zone such as 'Asia/Seoul', got 'Asia/Soul'"),
    ("Asia/Seoul", "../Seoul", "[hw] timezone: expected a time zone"),
    ("Asia/Seoul", "Asia", "[hw] timezone: expected a time zone"),
    ('"{student_id}.zip"', '"homework.zip"', "[hw] archive: expected a name such as '{student_id}.zip'"),
    ('"{student_id}.zip"', '"{student_id}.rar"', "[hw] archive: expected a name such as"),
    ("points = 100", "points = -1", "[hw] points: expected a positive number, got -1"),
    ("points = 100", "points = true", "[hw] points: expected a positive number, got True"),
    ("points = 100", "points = nan", "[hw] points: expected a positive number, got nan"),
    ("points = 100", "points = inf", "[hw] points: expected a positive number, got inf"),
    ("points = 100", "points = 27", "[hw] questions: expected at most 27 points, got '27.5'"),
    ('"checkpoints/"]', '"x/y"]', "[hw] required: expected a list of different file names"),
    ('"checkpoints/"]', '"a.ipynb"]', "[hw] required: expected a list of different file names"),
    ('["a.ipynb", "b.ipynb", "checkpoints/"]', '"a.ipynb"', "[hw] required: expected a list"),
    ('"a.ipynb" = [', '"c.ipynb" = [', "[hw.notebooks] c.ipynb: expected a notebook that stands in `required` too"),
    ('"a.ipynb" = ["gru"]', '"checkpoints/" = []', "[hw.notebooks] checkpoints/: expected a notebook"),
    ('["gru"]', '["GRU!"]', "[hw.notebooks] a.ipynb: expected a list of different topics"),
    ('["gru"]', '["vit"]', "[hw.notebooks] b.ipynb: expected topics that no other notebook has"),
    ("1b = 20", "1b = 0", "[hw.questions] 1b: expected a positive number, got 0"),
    ("1b = 20", "'1 b' = 20", "[hw.questions]: expected labels of letters"),
    ("[hw.questions]\n1b = 20\n1a = 7.5", "questions = 3", "[hw] questions is missing: expected a table"),
    ("[hw.limits]\nseconds = 10\nmemory_mib = 2048\n[hw.limits.1a]", "[hw.limit]", "[hw] limit: expected no such key"),
    ("seconds = 10\n", "", "[hw.limits] seconds is missing: expected a positive number"),
    ("[hw.measured.1b]", "[hw.measured.1c]", "[hw.measured] 1c: expected a label that stands in `questions` too"),
    ("[hw.measured.1b]", "[[hw.measured.1b]]", "[hw.measured] 1b: expected a table, got [{"),
    ('data = "reviews"', "", "[hw.measured.1b] data is missing: expected a text in quotes"),
    ('data = "reviews"', 'set = "reviews"', "[hw.measured.1b] set: expected no such key, but best_share, data"),
    ('"checkpoints/1b"', '"/checkpoints"', "[hw.measured.1b] folder: expected a folder of the submission, relative"),
    ('"checkpoints/1b"', '"checkpoints/../.."', "[hw.measured.1b] folder: expected a folder of the submission"),
    ('"checkpoints/1b"', "'a\\b'", "[hw.measured.1b] folder: expected a folder of the submission"),
    ('"*/model.pt"', '"../*.pt"', "[hw.measured.1b] models: expected a pattern of files such as '*.pt', relative"),
    ("threshold = 88", "threshold = 101", "[hw.measured.1b] threshold: expected a percentage of at most 100, got 101"),
    ("threshold = 88", "threshold = 0", "[hw.measured.1b] threshold: expected a positive whole number, got 0"),
    ("threshold = 88", "threshold = 87.5", "[hw.measured.1b] threshold: expected a positive whole number, got 87.5"),
    ("distinct = 5", "distinct = 0", "[hw.measured.1b] distinct: expected a positive whole number, got 0"),
    ("best_share = 0.9", "best_share = 1", "[hw.measured.1b] best_share: expected a number from 0 to less than 1"),
    ("worst_share = 0", "worst_share = -0.1", "[hw.measured.1b] worst_share: expected a number from 0 to less than 1"),
    ("worst_share = 0", "worst_share = nan", "[hw.measured.1b] worst_share: expected a number from 0 to less than 1"),
    ("worst_share = 0", "worst_share = 0.95", "[hw.measured.1b] worst_share: expected at most best_share, 0.9, got"),
    ("memory_mib = 2048", "memory_mib = 20.5", "[hw.limits] memory_mib: expected a positive whole number, got 20.5"),
    (
        "memory_mib = 2048",
        "memory = 2048",
        "[hw.limits] memory: expected no such key, but 1a, cpu_seconds, memory_mib, out",
    ),
    (
        "memory_mib = 4096",
        "memory_mib = 1\nmodel_mib = 513",
        "[hw.measured.1b] model_mib: expected at most 512, got 513",
    ),
    ("memory_mib = 2048", "memory_mib = 1\noutput_mib = 65", "[hw.limits] output_mib: expected at most 64, got 65"),
    ("[hw.limits.1a]", "[hw.limits.1c]", "[hw.limits] 1c: expected a label that stands in `questions` too"),
    ("cpu_seconds = 30", "cpu_seconds = 0.5", "[hw.limits.1a] cpu_seconds: expected a positive whole number, got 0.5"),
    ("cpu_seconds = 30", "wall_seconds = 3", "[hw.limits.1a] wall_seconds: expected no such key"),
    ("[hw]", "['h w']", "expected a name of letters"),
    ("[hw]\n", "[hw\n", "cannot be read as TOML"),
]


@pytest.mark.parametrize(("right", "wrong", "message"), SLIPS)
def test_a_slip_is_named_with_its_place(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    assert right in TEXT
    text = TEXT.replace(right, wrong)
    with pytest.raises(ManifestError) as caught:
        load(written(tmp_path, text.replace("[hw.", "['h w'.") if wrong == "['h w']" else text))
    assert message in str(caught.value)
    assert "assignments.toml: " in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("student_id = 'x'", "top level: expected at least one assignment"),
        ("student_id = 'x'\nhw = 3", "hw: expected a table, got 3"),
    ],
)
def test_assignments_are_tables(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        load(written(tmp_path, text))


def test_a_missing_manifest_says_so(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no such file; expected the manifest"):
        load(tmp_path)


def test_a_manifest_in_another_encoding_says_so(tmp_path: Path) -> None:
    (tmp_path / "assignments.toml").write_bytes('title = "숙제"'.encode("cp949"))
    with pytest.raises(ManifestError, match="cannot be read as TOML"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "counts", "hours", "percent"),
    [
        ("", "last", 99, None),
        ('[hw.late]\npolicy = "zero"', "last on time", 0.1, 100),
        ('[hw.late]\npolicy = "zero"\ngrace_minutes = 15', "last on time", 0.25, 0),
        ('[hw.late]\npolicy = "zero"\ngrace_minutes = 15', "last on time", 0.26, 100),
        ("[hw.late]\npolicy = { per_day = 12.5, most = 2 }", "last on time", 24, 12.5),
        ("[hw.late]\npolicy = { per_day = 12.5, most = 2 }", "last on time", 24.01, 25),
        ("[hw.late]\npolicy = { per_day = 12.5, most = 2 }", "last on time", 48.01, 100),
        ("[hw.late]\npolicy = { per_day = 60, most = 5 }", "last on time", 30, 100),
        ("[hw.late]\npolicy = { per_day = 60, most = 5 }", "last on time", -1, 0),
    ],
)
def test_what_lateness_costs(tmp_path: Path, text: str, counts: str, hours: float, percent: float | None) -> None:
    found = load(written(tmp_path, TEXT + text))["hw"]
    assert found.counts == counts
    assert (None if found.late is None else float(found.late.percent(timedelta(hours=hours)))) == percent


def test_a_course_says_which_attempt_counts(tmp_path: Path) -> None:
    assert load(written(tmp_path, TEXT.replace("[hw]\n", '[hw]\ncounts = "best"\n')))["hw"].counts == "best"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[hw.late]\npolicy = "none"', "[hw.late] policy: expected 'zero' or { per_day = 10, most = 3 }, got 'none'"),
        ("[hw.late]\ngrace_minutes = 5", "[hw.late] policy is missing: expected 'zero' or"),
        (
            '[hw.late]\npolicy = "zero"\ngrace_minutes = -5',
            "[hw.late] grace_minutes: expected a positive number",
        ),
        (
            "[hw.late]\npolicy = { per_day = 101, most = 3 }",
            "[hw.late.policy] per_day: expected a percentage",
        ),
        ("[hw.late]\npolicy = { per_day = 10, most = 1.5 }", "[hw.late.policy] most: expected a positive whole number"),
        ("[hw.late]\npolicy = { per_day = 10 }", "[hw.late.policy] most is missing"),
        ('[hw.late]\npolicy = "zero"\nper_day = 5', "[hw.late] per_day: expected no such key"),
        ("late = 10", "[hw.repairs] late: expected what lateness costs in a table `late` beside this one, got 10"),
    ],
)
def test_what_lateness_costs_is_read_strictly(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ManifestError) as caught:
        load(written(tmp_path, TEXT + text))
    assert message in str(caught.value)


def test_another_rule_than_those_that_are_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"counts: expected 'last on time' or 'last' or 'best', got 'first'"):
        load(written(tmp_path, TEXT.replace("[hw]\n", '[hw]\ncounts = "first"\n')))
