"""A `docker` for machines that have none: it runs what the container would run, on this machine and shut in by nothing.

What it was told is kept in the file `calls`, a line of JSON each. A file `down` makes it answer like a client without a
daemon, `no_image` like one without the image; the text of `refusal` is what a failing `run` says; `script` is Python
that runs instead of the relay.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a second for every call of the fake otherwise
    import pytest

PROGRAM = """#!{python} -I
import sys
sys.path.insert(0, {folder!r})
from container_fake import main
main()
"""


def install(place: Path, monkeypatch: "pytest.MonkeyPatch", name: str = "docker") -> None:
    """Make the fake the only runtime on the PATH; `place` is the folder for its files."""
    program = place / name
    program.write_text(PROGRAM.format(python=sys.executable, folder=str(Path(__file__).parent)))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(place))


def calls(place: Path, verb: str) -> list[list[str]]:
    """What the fake was told, of the calls that begin with `verb`."""
    file = place / "calls"
    told = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return [arguments for arguments in told if arguments[0] == verb]


def main() -> None:
    """Answer like docker."""
    place, arguments = Path(sys.argv[0]).parent, sys.argv[1:]
    with (place / "calls").open("a") as file:
        print(json.dumps(arguments), file=file)
    if arguments[0] in ("info", "image") and (place / "down").exists():
        sys.exit("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")
    if arguments[0] == "image" and (place / "no_image").exists():
        sys.exit("Error: No such image: autograder")
    if arguments[0] == "ps" and _runs(place / arguments[-1].removeprefix("--filter=name=")):
        print("0123456789ab")
    if arguments[0] in ("kill", "rm"):
        os.kill(int((place / arguments[-1]).read_text()), signal.SIGKILL)
    if arguments[0] == "run":
        _run(place, arguments)


def _runs(name: Path) -> bool:
    try:
        os.kill(int(name.read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def _run(place: Path, arguments: list[str]) -> None:
    if (place / "refusal").exists():
        sys.exit((place / "refusal").read_text())
    name = next(argument.removeprefix("--name=") for argument in arguments if argument.startswith("--name="))
    (place / name).write_text(str(os.getpid()))
    inner = arguments[arguments.index("autograder") + 1 :]
    if (place / "script").exists():
        inner = ["-c", (place / "script").read_text(), *inner]
    os.chdir("/")
    os.execve(sys.executable, [sys.executable, *inner], {"PATH": "/usr/bin:/bin"})
