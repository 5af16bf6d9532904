"""The grader's connections to the processes that fork children: one that it starts, and twins forked off that."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from autograder.sandbox.control import Closed, Control, Message
from autograder.sandbox.limits import Exit, Limits
from autograder.sandbox.temporary import make_folder, remove_folder

INSIDE = "autograder.sandbox.inside.warm"
_START_SECONDS = 300.0  # importing everything, on a slow and busy machine
_KILL_SECONDS = 60.0  # emptying a scratch folder with very many files
PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_ENVIRONMENT = {
    **ONE_THREAD,  # or children would hang: a pool of threads that torch had started does not survive a fork
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",  # the same order of sets for everybody
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # huge pages make the page tables small, and so the forks cheap
    "CUDA_VISIBLE_DEVICES": "",
    "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS
}
_KEPT = ("PATH", "LD_LIBRARY_PATH", "TZ")  # of the grader's environment


def start_command(module: str, *words: str) -> list[str]:
    """How a Python process is started that calls `main` of one of our modules with these words."""
    # Where our folder holds the libraries, too, it must not move before the standard library.
    path = "import sys; folder = sys.argv[1]; folder in sys.path or sys.path.insert(0, folder)"
    call = f"from {module} import main; main(*sys.argv[2:])"
    return [sys.executable, "-s", "-P", "-c", f"{path}; {call}", PACKAGE_PARENT, *words]


def kept_environment() -> dict[str, str]:
    """What such a process keeps of the grader's environment."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def core_seconds(schedule: bytes) -> tuple[float, float]:
    """The seconds on a core, and waiting for one, that the content of a schedstat file tells. Raises ValueError."""
    ran, waited, _ = schedule.split()
    return int(ran) / 1e9, int(waited) / 1e9


def process_seconds(stat: bytes) -> float:
    """The seconds that all threads of a process were on a core, as its stat file tells. Raises ValueError, IndexError.

    They are exact to the hundredth, where schedstat tells of the first thread alone.
    """
    numbers = stat.rpartition(b")")[2].split()  # what stands before is the name, in which anything may stand
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def own_wait() -> float:
    """The seconds that this thread has waited for a core so far; 0 where the system does not tell."""
    try:
        return core_seconds(Path("/proc/thread-self/schedstat").read_bytes())[1]
    except (OSError, ValueError):
        return 0.0


class SandboxUnavailable(Exception):
    """Student code cannot be isolated here; the message says why."""


def require_forks() -> None:
    """Raises SandboxUnavailable where no process can fork."""
    if not hasattr(os, "fork"):
        raise SandboxUnavailable("this system cannot fork: run the grader on Linux or macOS, on Windows in WSL 2")


class Connection:
    """The grader's end of a connection to a process that forks children."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._number = 0
        self._files: Sequence[int] = ()  # descriptors of the present child's schedstat and stat, where there are such
        self._asked = self._born = 0.0  # when the present child was asked for, and when it was there
        self._own_wait_before = 0.0  # this thread's wait for a core until then
        self.tier = 0
        self.layers: tuple[str, ...] = ()

    def _greet(self) -> str:
        """Wait until the process is ready; what is wrong with it, if anything."""
        try:
            if not self._control.wait(time.monotonic() + _START_SECONDS):
                return f"the warm process did not start in {_START_SECONDS} seconds"
            answer = self._control.next()[0]
        except Closed:
            return "the warm process did not start"
        if "error" in answer:
            return str(answer["error"])
        self.tier, self.layers = answer["tier"], tuple(answer["layers"])
        return ""

    def fork(self, limits: Limits, descriptors: Sequence[int]) -> int:
        """Ask for a child with these pipes; its number. Raises Closed."""
        self._number += 1
        self._watch(())
        self._asked, self._born = time.monotonic(), 0.0
        self._control.send({"fork": self._number, "limits": asdict(limits)}, descriptors)
        return self._number

    def fileno(self) -> int:
        """Readable when there may be a report."""
        return self._control.fileno()

    def report(self, deadline: float) -> Exit | None:
        """How the child ended; None if that is not known before the deadline."""
        try:
            while True:
                if not self._control.wait(deadline):
                    return None
                message, descriptors = self._control.next()
                if "exit" in message:
                    break
                self._watch(descriptors)
                self._born, self._own_wait_before = time.monotonic(), own_wait()
        except Closed:
            self._stop()
            return Exit("setup", detail="the warm process ended")
        if message["last"]:
            self._stop()
        return Exit(**message["exit"])

    def waited(self) -> float | None:
        """The seconds that the present child has waited for a core, or to be forked; None if that is not known.

        What this thread, which asks and compares, has waited for a core since the child is there counts, too.
        """
        if not self._born:
            return time.monotonic() - self._asked
        try:
            waited = core_seconds(self._read_file(0))[1]
        except (OSError, ValueError):
            return None
        return waited + own_wait() - self._own_wait_before + self._born - self._asked

    def busy(self) -> float | None:
        """The seconds that all threads of the child were on a core, and its first one waited for one, so far.

        None if that is not known.
        """
        try:
            return process_seconds(self._read_file(1)) + core_seconds(self._read_file(0))[1]
        except (OSError, ValueError, IndexError):
            return None

    def _read_file(self, place: int) -> bytes:
        """What one of the present child's files says. Raises OSError, also where there is none."""
        return os.pread(self._files[place] if self._files else -1, 1000, 0)

    def _watch(self, descriptors: Sequence[int]) -> None:
        """Takes what tells of the present child's waiting in the place of what told of the last one's."""
        for descriptor in self._files:
            os.close(descriptor)
        self._files = descriptors

    def kill(self, number: int) -> Exit:
        """Kill child `number` and wait for its end."""
        with contextlib.suppress(Closed):
            self._control.send({"kill": number})
        report = self.report(time.monotonic() + _KILL_SECONDS)
        if report is None:
            self._stop()
        return report or Exit("setup", detail="the warm process does not answer")

    def twin(self) -> "Connection":
        """A connection to a fork of this process. Raises SandboxUnavailable."""
        ours, theirs = socket.socketpair()
        twin = Connection(Control(ours))
        with theirs, contextlib.suppress(Closed):
            self._control.send({"twin": True}, [theirs.fileno()])
        if problem := twin._greet():
            twin.close()
            raise SandboxUnavailable(problem)
        return twin

    def wait(self) -> None:
        """Wait until the process is ready, as a twin always is."""

    def stop(self) -> None:
        """End the process at once, from any thread; a twin ends with the process that it was forked from."""

    def _stop(self) -> None:
        """End the process; it kills its child when the connection closes."""
        self._watch(())
        self._control.finish(_KILL_SECONDS)
        self._control.close()

    def close(self) -> None:
        """End the process."""
        self._stop()


class WarmProcess(Connection):
    """A warm process that this one has started; it is ready for forks once it is configured, after `wait`.

    `imports` are modules that it imports before it is told its configuration.
    """

    def __init__(self, imports: Sequence[str] = ()) -> None:
        self._imports = imports
        try:
            self._folder = make_folder()
        except OSError as error:
            raise SandboxUnavailable(f"no temporary folder can be made: {error}") from error
        self._folder.chmod(0o711)  # a child that is nobody has to pass through it
        (self._folder / "scratch").mkdir(mode=0o711)
        self._scratch = self._folder / "scratch" / "0"
        self._scratch.mkdir(mode=0o700)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        ours, theirs = socket.socketpair()
        self._environment = kept_environment() | _ENVIRONMENT | dict.fromkeys(("HOME", "TMPDIR"), str(self._folder))
        with theirs:
            self._start(theirs.fileno())
        super().__init__(Control(ours))
        self._is_ready = False

    def configure(self, config: Message) -> None:
        """Tells the process what it prepares."""
        with contextlib.suppress(Closed):
            self._control.send({**config, "scratch": str(self._scratch.resolve())})

    def _start(self, control: int) -> None:
        self._process = subprocess.Popen(
            start_command(INSIDE, *self._imports),
            stdin=control,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            cwd="/",
            env=self._environment,
            start_new_session=True,  # Ctrl-C is for the grader alone
        )

    def wait(self) -> None:
        """Wait until the process has imported everything. Raises SandboxUnavailable, and ends it, if it cannot."""
        if self._is_ready:
            return
        self._is_ready = True
        if problem := self._greet():
            self._stop()
            self._errors.seek(0)
            lines = self._errors.read().decode(errors="replace").splitlines()
            self.close()
            raise SandboxUnavailable("\n".join([problem, *lines[-20:]]))

    def fork(self, limits: Limits, descriptors: Sequence[int]) -> int:
        """Ask for a child with these pipes; its number. Raises Closed."""
        if self._has_ended(0):
            raise Closed
        return super().fork(limits, descriptors)

    def stop(self) -> None:
        """End the process at once, from any thread."""
        self._process.kill()

    def _stop(self) -> None:
        self._watch(())
        self._control.close()
        if not self._is_ready:  # it imports, and would look at the connection only then
            self.stop()
        if not self._has_ended(_KILL_SECONDS):
            self.stop()
            self._has_ended(None)

    def _has_ended(self, seconds: float | None) -> bool:
        """Whether the process ends within so many seconds; without a number, it is waited for."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.returncode is not None

    def close(self) -> None:
        """End the process and remove its folder."""
        self._stop()
        self._errors.close()
        remove_folder(self._folder)
