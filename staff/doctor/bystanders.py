"""Processes that the doctor starts outside of the sandbox: some that hostile code must not touch, one that helps it."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

from autograder.sandbox.layers import kernel

_NOBODY = 65534
_LAST_CAPABILITY = 63
_PR_CAPBSET_DROP = 24


class Victims:
    """Processes of the users that children may run as, each with a secret in its environment, and no other rights."""

    def __init__(self) -> None:
        self.secret = secrets.token_hex(16)
        self._users = [os.getuid(), _NOBODY] if os.getuid() == 0 else [os.getuid()]
        self._processes: list[subprocess.Popen[bytes]] = []
        self.plant()

    @property
    def pids(self) -> list[int]:
        """Their process numbers."""
        return [process.pid for process in self._processes]

    def plant(self) -> None:
        """Start them, in place of those that run."""
        self.close()
        self._processes = [self._start(user) for user in self._users]
        self._as_planted = [_state_of(process) for process in self._processes]

    def touched(self) -> list[str]:
        """What became of those that are not as they were."""
        now = [_state_of(process) for process in self._processes]
        changed = [state for state, was in zip(now, self._as_planted, strict=True) if state != was]
        return [f"touched another process ({state})" for state in changed]

    def close(self) -> None:
        """End them."""
        for process in self._processes:
            process.kill()
            process.wait()

    def _start(self, user: int) -> subprocess.Popen[bytes]:
        command, environment = ["/bin/sleep", "3600"], {"SECRET": self.secret}
        if user == os.getuid():
            return subprocess.Popen(command, env=environment, preexec_fn=_without_capabilities)
        return subprocess.Popen(command, env=environment, user=user, group=user, extra_groups=[])


class Accomplice:
    """A process outside that the author of hostile code has left there: see the module of that name."""

    def __init__(self, folder: Path, file: Path, port: int) -> None:
        self.path = str(folder / "accomplice")
        script = Path(__file__).with_name("accomplice.py")
        command = [sys.executable, "-I", str(script), self.path, str(file), str(port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._process.stdout.readline()  # it listens

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


def _without_capabilities() -> None:
    """Before exec: root becomes as weak as a child of the sandbox that stays user 0."""
    for capability in range(_LAST_CAPABILITY + 1):
        with contextlib.suppress(OSError):
            kernel.prctl(_PR_CAPBSET_DROP, capability, what="bounding set")


def _state_of(process: subprocess.Popen[bytes]) -> str:
    """Whether a process runs, and with what priority."""
    if process.poll() is not None:
        return f"ended by {signal.Signals(-process.returncode).name}" if process.returncode < 0 else "ended"
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    stopped = "stopped" if fields[0] in "Tt" else "running"
    return f"{stopped}, priority {fields[16]}"
