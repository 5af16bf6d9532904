"""The benchmarks measure what they say: one homework for all graders, with known points for each kind of answer."""

import json
import os
import sys
import time
from pathlib import Path

import pytest
from sample_class import enter_class

from autograder.checks.case import make_importable
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook

ROOT = project_root(Path(__file__).parent)
make_importable(ROOT)

from benchmarks import cluster, growth, instructions, process, scale  # noqa: E402
from benchmarks.peers import environment, loops, notebooks  # noqa: E402
from benchmarks.peers.answers import ANSWERS, make_class  # noqa: E402
from benchmarks.process import Usage  # noqa: E402
from benchmarks.report import Report, table  # noqa: E402
from benchmarks.submissions import pack  # noqa: E402

POINTS = {
    "right": 40,
    "gates exchanged": 32,
    "gradients missing": 24,
    "raises": 24,
    "no scaling": 37,
    "no windows": 33,
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_points_of_each_kind_of_answer(kind: str, tmp_path: Path) -> None:
    make_importable(loops.CHECKS_FOLDER)
    student = make_class(1, [kind])[1]
    notebooks.write(tmp_path / notebooks.NAME, notebooks.handed_in(student))
    assert loops.grade_on_the_floor(tmp_path / notebooks.NAME, tmp_path, 10) == POINTS[kind]


def test_a_class_has_all_kinds_in_turn_and_no_two_are_equal() -> None:
    students = make_class(2 * len(ANSWERS))
    assert [one.kind for one in students] == ["right", *ANSWERS, *ANSWERS]
    assert len({json.dumps(dict(one.sources)) for one in students}) == len(students)


def test_a_command_is_measured_with_all_that_it_started(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    code = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {busy!r}])\nprint('said')\nsys.exit(3)"
    samples: list[Usage] = []
    usage = process.run(
        [sys.executable, "-c", code], tmp_path, log=tmp_path / "log", sample_every=0.05, on_sample=samples.append
    )
    assert usage.status == 3 and usage.cpu > 0.3 and (tmp_path / "log").read_text() == "said\n"
    assert usage.peak_mib and usage.tree_mib and samples and samples[-1].status == -1


def test_a_command_that_never_ends_is_ended_with_its_children(tmp_path: Path) -> None:
    code = "import subprocess\nsubprocess.run(['sleep', '600'])"
    assert process.run([sys.executable, "-c", code], tmp_path, seconds=0.5).status == -9
    assert process.descendants(os.getpid()) == [os.getpid()]


def test_figures_are_written_with_the_machine_and_its_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Report("some", {"folder": tmp_path}).write({"cpu": 1.5}, tmp_path / "some.json")
    written = json.loads((tmp_path / "some.json").read_text())
    assert written["figures"] == {"cpu": 1.5} and written["machine"]["cores"] == os.cpu_count()
    assert len(written["load before and after"]) == 2 and "load" in capsys.readouterr().out
    assert table(["a", "b"], [["x", 1234.5], ["y", None]]).splitlines()[2:] == ["| x | 1,234 |", "| y |  |"]


def test_a_stage_of_growth_goes_on_and_adds_what_it_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usages = iter([Usage(3.0, 4.0, -1, 500.0, 600.0, 0.0), Usage(2.0, 2.0, 0, 550.0, 580.0, 0.0)])
    monkeypatch.setattr(growth, "submissions", lambda *_: [{"a.ipynb": b"{}"}])

    def stopped(*_: object, on_sample: object, **__: object) -> Usage:
        assert callable(on_sample)
        on_sample(next(usages))
        raise KeyboardInterrupt

    monkeypatch.setattr(growth, "run_ours", stopped)
    with pytest.raises(KeyboardInterrupt):
        growth.Stage(1, tmp_path, 2).run()
    monkeypatch.setattr(growth, "run_ours", lambda *_, **__: next(usages))
    stage = growth.Stage(1, tmp_path, 2)
    assert not stage.complete
    stage.run()
    (tmp_path / "class-of-1" / "grades").mkdir()
    (tmp_path / "class-of-1" / "grades" / "class.html").write_text("x")
    again = growth.Stage(1, tmp_path, 2)
    again.run()  # which does nothing
    assert again.figures() | {"load": 0, "class page MB": 0} == {
        **{"submissions": 1, "wall s each": 5.0, "CPU s each": 6.0, "grader MiB": 550.0, "all MiB": 600.0},
        **{"gradebook MB": 0.0, "class page MB": 0, "legs": 2, "load": 0},
    }


def test_archives_that_are_there_stay(tmp_path: Path) -> None:
    pack(tmp_path, [{"a.ipynb": b"1"}])
    before = (tmp_path / "2024-20000.tar.gz").stat()
    time.sleep(0.01)
    pack(tmp_path, [{"a.ipynb": b"1"}, {"a.ipynb": b"2"}])
    assert (tmp_path / "2024-20000.tar.gz").stat().st_mtime_ns == before.st_mtime_ns
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.slow
def test_graders_that_cannot_be_installed_are_left_out_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "PACKAGES", ("no-such-package-of-this-course",))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(environment.NoEnvironment, match="no-such-package-of-this-course cannot be installed"):
        environment.prepare(tmp_path / "peers")
    assert not (tmp_path / "peers" / "ready").exists()


def test_peers_are_installed_again_only_beside_other_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    monkeypatch.setattr(environment, "_make", made.append)
    for packages in ("here", "here", "elsewhere"):
        monkeypatch.setattr(environment, "_SHARED", packages)
        assert environment.prepare(tmp_path) == tmp_path
    assert len(made) == 2


def test_counts_above_their_bound_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["instructions"])
    monkeypatch.setattr(instructions, "BOUNDS", tmp_path / "bounds.json")
    monkeypatch.setattr(instructions, "prepare", lambda _: None)
    monkeypatch.setattr(instructions, "counts", lambda _: {"read a notebook": 1_111})
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert instructions.main() == 0 and "no valgrind" in capsys.readouterr().out
    monkeypatch.setattr("shutil.which", lambda name: name)
    assert instructions.main() == 0 and "no bounds" in capsys.readouterr().out
    for bound, code in ((1_000, 1), (1_100, 0)):
        instructions.BOUNDS.write_text(json.dumps({instructions.machine_key(): {"read a notebook": bound}}))
        assert instructions.main() == code


# --- many machines ---


def test_what_each_submission_costs_is_without_start_up_and_by_the_least_of_several_runs() -> None:
    one = [cluster.Cost(12, 20, 4), cluster.Cost(10, 22, 5)]
    assert cluster.each(one, [cluster.Cost(30, 40, 6)], more=10) == cluster.Cost(2, 2, 0.2)


def test_a_simulated_class_takes_what_workers_grader_or_network_take() -> None:
    measured = scale.Measured([1.0, 3.0], [0, 0], own=0.01, start=0.0)
    free = scale.Simulation(100, 4, measured).run()
    assert free.sends == 100 and 50 < free.hours * 3600 < 55 and free.core_hours == 4 * free.hours
    busy = scale.Simulation(100, 50, scale.Measured([2.0], [0], own=1.0, start=0.0)).run()
    assert 100 < busy.hours * 3600 < 104 and busy.grader > 0.95
    slow = scale.Simulation(100, 50, scale.Measured([2.0], [125_000_000], own=0.0, start=0.0)).run()
    assert 100 < slow.hours * 3600 < 104 and slow.network > 0.95


def test_a_simulated_class_is_finished_whatever_becomes_of_the_workers() -> None:
    trouble = scale.Trouble(dies_hours=0.05, silent_hours=0.1)
    measured = scale.Measured([2.0], [1000], own=0.01, start=5.0)
    outcome = scale.Simulation(1000, 8, measured, trouble, seed=3).run()
    assert outcome.sends > 1000 and outcome.given_up == 0
    assert outcome.hours > scale.Simulation(1000, 8, measured).run().hours


def test_what_a_simulation_is_fed_with_is_read_from_a_gradebook(tmp_path: Path) -> None:
    with Gradebook(tmp_path, load(ROOT)["hw4"]) as gradebook:
        enter_class(gradebook, 5)
    measured = scale.read_measured(tmp_path, own=0.1)
    assert sorted(measured.seconds) == [1, 2, 3, 4, 5] and measured.sizes == [0] * 5
    with Gradebook(tmp_path / "empty", load(ROOT)["hw4"]):
        pass
    with pytest.raises(SystemExit, match="holds no graded submission"):
        scale.read_measured(tmp_path / "empty", own=0.1)
