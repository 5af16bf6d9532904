"""When a container is used, what it is told, and what is said where none can be."""

import json
import sys
from pathlib import Path

import container_fake
import pytest
from sandbox_talk import HERE, ask, ready, start

from autograder import sandbox as package
from autograder.sandbox import Limits, Sandbox, SandboxUnavailable, connection
from autograder.sandbox.container import process

PACKAGE = Path(package.__file__).parents[1]
IMPORTED = [PACKAGE, *(PACKAGE.parent / "data").glob("*.py")]
BUILD = "build -t autograder -f staff/container/Containerfile ."


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a fake docker."""
    folder = tmp_path / "runtime"
    folder.mkdir()
    container_fake.install(folder, monkeypatch)
    return folder


# ---------------------------------------------------------------- what it is told


def test_options_and_mounts(place: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    limits = Limits(memory_mib=1000, scratch_mib=32)
    with start(2, container="docker", read=[data], limits=limits) as sandbox:
        ready(sandbox)
    (told,) = container_fake.calls(place, "run")
    name = told[1].removeprefix("--name=")
    assert name.startswith("autograder-")
    mounts = sorted(str(path.resolve()) for path in (data, HERE, *IMPORTED))
    assert told == [
        "run",
        f"--name={name}",
        "--rm",
        "--interactive",
        "--pull=never",
        "--log-driver=none",
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--user=65534:65534",
        "--ipc=none",
        "--pids-limit=576",
        "--memory=2584m",
        "--memory-swap=2584m",
        "--tmpfs=/tmp:rw,noexec,nosuid,nodev,size=48m,mode=1777",
        *(f"--mount=type=bind,source={path},target={path},readonly" for path in mounts),
        "--workdir=/",
        "--entrypoint=python3",
        "autograder",
        *connection.start("relay_inside"),
    ]


def test_nothing_of_the_project_is_mounted_but_what_is_imported_or_named(place: Path) -> None:
    data = PACKAGE.parent / "data"
    protect = [data / "samples", data.with_name("staff"), data.with_name("tests")]
    for read, expected in (([data / "torchtext"], [*IMPORTED, data / "torchtext"]), ([data], [PACKAGE, data])):
        with Sandbox("autograder.sandbox.inside.warm:load", (), read, protect[data in read :], container="docker"):
            told = container_fake.calls(place, "run")[-1]
        mounts = [one for one in told if one.startswith("--mount")]
        assert mounts == [f"--mount=type=bind,source={path},target={path},readonly" for path in sorted(expected)]


def test_protected_folder_is_not_mounted(place: Path, tmp_path: Path) -> None:
    answers = tmp_path / "data" / "answers"
    answers.mkdir(parents=True)
    with pytest.raises(SandboxUnavailable, match="answers must stay unreadable, but lies in .*would be mounted"):
        start(2, container="docker", read=[answers.parent], protect=[answers])
    with pytest.raises(SandboxUnavailable, match="sandbox must stay unreadable"):
        start(2, container="docker", protect=[PACKAGE / "sandbox"])
    assert not container_fake.calls(place, "run")


def test_protected_folder_that_can_be_seen_inside_is_noticed(place: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with pytest.raises(SandboxUnavailable, match="runtime can be read in the container"):
        start(container="docker", layers=("seccomp",), read=[data], protect=[tmp_path, place])
    with start(container="docker", layers=("seccomp",), read=[data], protect=[tmp_path]) as sandbox:
        assert sandbox.layers == ("container", "seccomp", "limits")


def test_path_that_no_option_can_hold_is_refused(place: Path, tmp_path: Path) -> None:
    data = tmp_path / "a,b"
    data.mkdir()
    with pytest.raises(SandboxUnavailable, match="a,b cannot be mounted"):
        start(2, container="docker", read=[data])


# ---------------------------------------------------------------- when it is used


def test_container_is_used_where_nothing_else_holds(place: Path) -> None:
    with start(layers=("container",), protect=()) as sandbox:
        assert (sandbox.tier, sandbox.layers) == (3, ("container", "limits"))
        assert ask(sandbox.fork(), "measure", "ab") == 2


def test_container_is_used_where_a_better_tier_breaks_its_promises(place: Path, tmp_path: Path) -> None:
    layers = ("landlock", "seccomp", "container")
    with start(layers=layers, preload=("sandbox_children:disable_seccomp",), protect=()) as sandbox:
        assert (sandbox.tier, sandbox.layers) == (3, ("container", "landlock", "limits"))


def test_container_is_used_at_once_where_there_is_no_linux(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with start(layers=("landlock", "seccomp", "container")) as sandbox:
        assert sandbox.layers == ("container", "landlock", "seccomp", "limits")  # the container's own system is Linux


def test_container_is_not_used_instead_of_a_better_tier(place: Path) -> None:
    with start(layers=("landlock", "seccomp", "container")) as sandbox:
        assert sandbox.tier == 2
    assert not container_fake.calls(place, "info")


def test_unsafe_uses_no_container(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for system in (sys.platform, "darwin"):
        monkeypatch.setattr(sys, "platform", system)
        with start(layers=("container",), unsafe=True) as sandbox:
            assert (sandbox.tier, sandbox.layers) == (4, ("limits",))
    assert not container_fake.calls(place, "info")


def test_other_failures_are_not_cured_by_a_container(place: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="out of cheese"):
        start(layers=("container",), preload=("sandbox_children:collapse",))
    assert not container_fake.calls(place, "info")


# ---------------------------------------------------------------- where there is none


def refusal() -> str:
    """What is said where nothing holds."""
    with pytest.raises(SandboxUnavailable) as caught:
        start(layers=("container",))
    text = str(caught.value)
    assert text.startswith("student code cannot be shut in here: no landlock")
    assert len(text.splitlines()) <= 6
    return text


def test_missing_runtime_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert process.runtime() == ("", "docker is not installed; podman is not installed", "docker")
    text = refusal()
    assert "docker is not installed; podman is not installed" in text
    assert "Install and start docker or podman" in text
    assert f"docker {BUILD}" in text


def test_daemon_that_is_down_is_named(place: Path) -> None:
    (place / "down").touch()
    text = refusal()
    assert "docker does not answer (Cannot connect to the Docker daemon" in text
    assert "Traceback" not in text


def test_runtime_that_hangs_or_says_nothing_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "docker").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    monkeypatch.setattr(process, "_ANSWER_SECONDS", 0.2)
    assert "docker does not answer (it took more than 0.2 seconds)" in process.runtime().reason
    (place / "docker").write_text("#!/bin/sh\nexit 3\n")
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(place))
    assert "docker does not answer (exit code 3)" in process.runtime().reason
    (place / "docker").write_text("no program\n")
    assert "docker does not answer (" in process.runtime().reason


def test_missing_image_is_named_and_how_to_build_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    container_fake.install(tmp_path, monkeypatch, "podman")
    (tmp_path / "no_image").touch()
    text = refusal()
    assert "docker is not installed; podman has no image called autograder" in text
    assert f"podman {BUILD}" in text
    (tmp_path / "no_image").unlink()
    assert process.runtime() == ("podman", "", "docker")


def test_named_runtime_that_is_not_usable_is_refused(place: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="podman was asked for\n.* podman is not installed"):
        start(2, container="podman")


def test_what_the_runtime_says_is_told(place: Path) -> None:
    (place / "refusal").write_text("Error response from daemon: mounts denied\n")
    with pytest.raises(SandboxUnavailable, match="did not start\nError response from daemon: mounts denied"):
        start(2, container="docker")


def test_system_without_fork_is_sent_to_wsl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.fork")
    with pytest.raises(SandboxUnavailable, match="on Windows in WSL 2"):
        start(4, unsafe=True)


def test_runtime_is_asked_before_it_is_used(place: Path) -> None:
    with start(2, container="docker"):
        asked = [json.loads(line)[0] for line in (place / "calls").read_text().splitlines()]
    assert asked == ["info", "image", "run"]
