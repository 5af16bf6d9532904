"""A class is marked on the workers of a cluster as on one machine; who may not take part is refused by name."""

import dataclasses
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import dask.config
import distributed
import pytest
import yaml
from cluster_class import attack, command, marks, message, pack_class, require_tier, run_grade, tiers
from other_course import answer, example, whole_example
from sandbox_probe import probe
from typer.testing import CliRunner

from autograder.classroom.cluster import connection, plugin, wire
from autograder.classroom.cluster.choice import ClusterChoice, ClusterError
from autograder.classroom.cluster.course_pack import PackedCases, unpack_files
from autograder.classroom.cluster.version import refusal_of
from autograder.classroom.examiner import Examination, Outcome
from autograder.cli.app import app
from autograder.gradebook.rows import Reading
from autograder.marking.verdict import Verdict

__all__ = ["example", "whole_example"]
RUN = CliRunner()


PROBE = """
    import sys
{probe}
    found = probe({spill!r}, ["cluster.judge", "spawn_main", "autograder\\0grade"])
    raise RuntimeError("found: " + repr(found[:3]))
"""


@pytest.mark.slow
def test_two_workers_mark_as_one_machine_does(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spill = tmp_path / "spill"
    (spill / "dask-scratch-space").mkdir(parents=True)
    (spill / "dask-scratch-space" / "spilt").touch()
    monkeypatch.setenv("DASK_TEMPORARY_DIRECTORY", str(spill))
    probe = textwrap.indent((Path(__file__).parent / "sandbox_probe.py").read_text(), "    ")
    hand_in = {
        "ab1234": answer(example, "variants", "convolve_loops"),
        "cd5678": answer(example, "mutants", "convolve_stride_ignored"),
        "ef1234": attack(example, "import os; os._exit(0)"),
        "gh1234": attack(example, PROBE.format(probe=probe, spill=str(spill))),
    }
    class_ = pack_class(tmp_path / "class", hand_in)
    run_grade(example, command(class_, tmp_path / "local", "--jobs", "1"))
    require_tier(tmp_path / "local")
    said = run_grade(example, command(class_, tmp_path / "cluster", "--local-cluster", "2"))
    assert marks(tmp_path / "cluster") == marks(tmp_path / "local"), said
    assert tiers(tmp_path / "cluster") == tiers(tmp_path / "local")
    assert "found: []" in message(tmp_path / "cluster", "gh1234", "A")
    # What is finished already needs no cluster.
    assert "4 of 4" in run_grade(example, command(class_, tmp_path / "cluster", "--scheduler", "tcp://127.0.0.1:1"))


def test_the_probe_sees_what_is_there_to_be_seen(tmp_path: Path) -> None:
    (tmp_path / "spilt").touch()
    with subprocess.Popen([sys.executable, "-c", "input()", "cluster.judge"], stdin=subprocess.PIPE) as other:
        found = probe(str(tmp_path), ["cluster.judge"])
        other.communicate(b"\n")
    assert {str(tmp_path / "spilt"), f"/proc/{other.pid}/environ", f"/proc/{other.pid}/mem"} <= set(found)


# --- what is refused ---


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--scheduler", "tcp://10.0.0.5:8786"], "10.0.0.5:8786: without TLS everybody on the way"),
        (["--scheduler", "10.0.0.5:8786"], "without TLS"),
        (["--scheduler", "tls://10.0.0.5"], "expected the address of a Dask scheduler, such as tls://10.0.0.5:8786"),
        (["--scheduler", "http://10.0.0.5:8786"], "expected the address of a Dask scheduler"),
        (["--scheduler", "tls://10.0.0.5:x"], "expected the address of a Dask scheduler"),
        (["--scheduler", "tls://10.0.0.5:8786", "--local-cluster", "2"], "name one cluster"),
        (["--slurm", "2", "--local-cluster", "2"], "name one cluster"),
        (["--local-cluster", "2", "--unsafe"], "--unsafe is for this machine alone"),
    ],
)
def test_a_cluster_that_may_not_be_used_is_refused_in_one_line(
    example: Path, tmp_path: Path, options: list[str], says: str
) -> None:
    done = RUN.invoke(app, ["grade", str(example), "--assignment", "lab1", "--out", str(tmp_path / "out"), *options])
    assert done.exit_code == 2 and says in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "tcp://[::1]:8786", "tcp://localhost:8786", "tls://lab:8786"])
def test_a_scheduler_here_or_with_tls_may_be_used(address: str) -> None:
    ClusterChoice(address).require_address()
    ClusterChoice("tcp://lab:8786", unencrypted=True).require_address()


@pytest.mark.parametrize("name", ["distributed", "cryptography", "dask_jobqueue"])
def test_a_package_that_is_missing_is_named_with_what_to_install(
    example: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    options = ["--assignment", "lab1", "--out", str(tmp_path / "out"), "--slurm", "1"]
    done = RUN.invoke(app, ["grade", str(example), *options])
    assert done.exit_code == 2
    assert f"{name} is not installed: pip install -r requirements-cluster.txt" in done.stderr


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tier": 3, "layers": ["rlimits"]}, "its tier is 3 (rlimits holds there), expected 1 or 2"),
        ({"tier": 0, "layers": []}, "its tier is 0 (nothing holds there), expected 1 or 2"),
        ({"versions": {"Python": "3.13.1", "torch": "2.7.0"}}, "its torch is 2.7.0, expected 2.8.0 as here"),
        ({"versions": {"Python": "3.13.1"}}, "its torch is None, expected 2.8.0 as here"),
        ({}, ""),
    ],
)
def test_a_worker_that_differs_is_refused_by_name(change: dict[str, Any], says: str) -> None:
    ours = {"Python": "3.13.1", "torch": "2.8.0"}
    assert refusal_of({"tier": 2, "layers": ["landlock"], "versions": ours} | change, ours) == says


# --- what travels ---


def test_an_order_and_a_result_arrive_as_they_were_sent() -> None:
    order = [Examination("a.ipynb", b"\x00notebook", ["1a", "1b"], {"0": ("gates exchanged",)})]
    assert wire.order_from_bytes(wire.order_to_bytes(order, alone=True)) == (order, True)
    reading = Reading("a.ipynb", "digest", "version", (), b"read")
    first = Outcome(Verdict.scored("1a", 3, 5, "gates exchanged", "they are"), 0.25, {"check": b"\xff"}, reading)
    second = Outcome(Verdict.ungraded("1b", 2, "sandbox", "it failed"), 1.5, {})
    result = wire.Result([[first, second], []], 2.0)
    assert wire.result_from_bytes(wire.result_to_bytes(result)) == result


@pytest.mark.parametrize("data", [b"", b"\x01", b"\xff" * 20, wire.to_bytes([]) + b"x", wire.to_bytes({"a": 1})])
def test_bytes_of_another_form_are_refused(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.result_from_bytes(data)


def test_what_is_sealed_is_read_by_its_key_alone_and_not_when_changed() -> None:
    seal = wire.Seal()
    sealed = seal.close(b"a secret case")
    assert b"secret" not in sealed and seal.open(sealed) == b"a secret case" == wire.Seal(seal.key).open(sealed)
    for other, data in ((wire.Seal(), sealed), (seal, sealed[:-1] + b"\x00\x00"), (seal, b"")):
        with pytest.raises(wire.WireError, match="not sealed with the key of this run"):
            other.open(data)


def test_a_course_has_no_file_outside_of_its_folder(tmp_path: Path) -> None:
    with pytest.raises(wire.WireError, match="outside of the course"):
        unpack_files(wire.to_bytes({"../a.py": 0}, [b""]), tmp_path / "course")


def test_a_judge_makes_no_cases_of_its_own() -> None:
    cases = PackedCases(wire.to_bytes({"gru": ["secret-1"]}, [b"tensors"]))
    assert cases.kept_cases("any") == {"gru": [("secret-1", b"tensors")]}
    with pytest.raises(wire.WireError, match="cases are missing: the course here needs vit"):
        cases.keep_cases("any", {"vit": []})


def test_a_cluster_is_no_part_of_what_travels_in_plain() -> None:
    """The errors that Dask shows and logs name no secret: what holds one leaves it out of its text."""
    start = plugin.Start({}, b"key", (b"files", b"cases"))
    assert "key" not in repr(start) and all(not field.repr for field in dataclasses.fields(start)[1:])


def test_nobody_answers_at_an_address_and_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.2)
    with (
        pytest.raises(ClusterError, match=r"tcp://127.0.0.1:1: no scheduler can be reached"),
        connection.connect(ClusterChoice("tcp://127.0.0.1:1")),
    ):
        pass


# --- Slurm ---


def run_slurm(**settings: object) -> subprocess.CompletedProcess[str]:
    """A process of its own that prints the script of a job; dask-jobqueue leaves files open."""
    script = "from autograder.classroom.cluster.connection import slurm_cluster\n"
    script += "with slurm_cluster() as cluster: print(cluster.job_script())"
    names = {f"DASK_JOBQUEUE__SLURM__{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, env={**os.environ, **names}, capture_output=True, text=True, check=False)


def test_a_job_of_slurm_starts_one_worker_for_each_core_with_the_certificate_of_this_run(tmp_path: Path) -> None:
    settings = {"queue": "cpu", "account": "course", "walltime": "02:00:00", "cores": 4}
    script = run_slurm(**settings, shared_temp_directory=tmp_path).stdout
    lines = ["-p cpu", "-A course", "-n 1", "--cpus-per-task=4", "--mem=16G", "-t 02:00:00"]
    assert [line for line in lines if f"#SBATCH {line}\n" not in script] == []
    words = [f"{sys.executable} -m distributed.cli.dask_worker tls://", "--nworkers 4", "--nthreads 1"]
    assert [word for word in [*words, f"--tls-key {tmp_path}/"] if word not in script] == []
    assert list(tmp_path.iterdir()) == []
    exported = dict(re.findall(r"^export (DASK_\w+)=(.+)$", script, re.M))
    found = dask.config.collect(paths=[], env=exported)
    assert {name: dask.config.get(name, config=found) for name in connection.SETTINGS} == connection.SETTINGS


def test_each_setting_is_one_that_dask_knows() -> None:
    defaults = yaml.safe_load((Path(distributed.__file__).parent / "distributed.yaml").read_text())
    for name in connection.SETTINGS:
        dask.config.get(name, config=defaults)  # raises KeyError


def test_what_keeps_slurm_from_being_used_is_said() -> None:
    done = run_slurm(interface="none0")
    assert done.returncode == 1 and "ClusterError: no cluster by Slurm: " in done.stderr and "none0" in done.stderr
