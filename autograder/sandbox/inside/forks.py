"""Inside the warm process: fork a child for each request, watch over it, tell how it ended."""

import contextlib
import os
import select
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from resource import struct_rusage
from typing import NoReturn

from autograder.sandbox.control import Closed, Control, Message
from autograder.sandbox.inside import scratch
from autograder.sandbox.inside.lockdown import NOBODY, READY, REPLIES, REQUESTS, Lockdown, arrange_descriptors
from autograder.sandbox.inside.probe import fork_into_namespace
from autograder.sandbox.layers.memory_cgroup import anonymous_mib
from autograder.sandbox.limits import Exit, Limits, Reason

if sys.platform == "linux":
    from autograder.sandbox.layers import kernel

_ENTERED = b"entered"  # what a child tells the warm process just before student code may run

EntryPoint = Callable[[int, int], object]


class Forks:
    """Forks children on request, one at a time, and reports how each ended; forks twins of the whole process, too."""

    def __init__(self, control: Control, lockdown: Lockdown, entry: EntryPoint) -> None:
        self._control = control
        self._lockdown = lockdown
        self._entry = entry
        self._cgroup = lockdown.memory_cgroup
        self._shared_mib = anonymous_mib() if self._cgroup else 0  # what a child takes if it writes to all of it
        self._wake, wake = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(wake, False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a handler, or the wake-up descriptor stays silent
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def serve(self) -> NoReturn:
        """Take requests until the grader hangs up, which raises Closed."""
        try:
            while True:
                message, descriptors = self._control.next()
                if "fork" in message:  # a kill that crossed with the child's own end asks for nothing
                    self._run(message, descriptors)
                elif "twin" in message:
                    self._twin(*descriptors)
        finally:
            if self._cgroup:
                self._cgroup.remove()

    def _twin(self, connection: int) -> None:
        """Fork a process that serves another connection, with a scratch folder beside this one's."""
        pid = os.fork()
        if pid:
            os.close(connection)
            return
        try:
            if sys.platform == "linux":
                kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL, what="parent death signal")
            self._control.close()
            control = Control(socket.socket(fileno=connection))
            folder = tempfile.mkdtemp(dir=Path(self._lockdown.scratch).parent)
            if self._lockdown.drop_user:
                os.chown(folder, NOBODY, NOBODY)
            cgroup = self._cgroup.beside() if self._cgroup else None
            lockdown = replace(self._lockdown, scratch=folder, memory_cgroup=cgroup)
            control.send({"tier": lockdown.tier, "layers": lockdown.layers})
            with contextlib.suppress(Closed):
                Forks(control, lockdown, self._entry).serve()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)

    def _run(self, message: Message, descriptors: list[int]) -> None:
        """Fork a child, wait for its end, tidy up, report; raises Closed if there must be no further child."""
        watch, ready = os.pipe()
        limits = Limits(**message["limits"])
        try:
            kills = self._limit_memory(limits)
            pid = self._fork(limits, descriptors, ready)
            self._tell_schedule(pid)
        except OSError as error:
            os.close(watch)
            self._report(Exit("setup", detail=f"no fork: {error}"))
            return
        finally:
            for descriptor in (*descriptors, ready):
                os.close(descriptor)
        try:
            status, usage, killed = self._wait(pid, message["fork"])
        finally:
            clean = self._clean(pid)
        with os.fdopen(watch, "rb") as pipe:
            exit = _exit(status, usage, killed, pipe.read())
        if self._cgroup and exit.signal == "SIGKILL" and not killed and self._cgroup.kills() > kills:
            exit = replace(exit, out_of_memory=True)
        self._report(exit, last=not clean)
        if not clean:
            raise Closed

    def _tell_schedule(self, pid: int) -> None:
        """Tell that the child is there, with descriptors of the files, where there are such, that tell of its time."""
        descriptors: list[int] = []
        with contextlib.suppress(OSError):
            for name in ("schedstat", "stat"):
                descriptors.append(os.open(f"/proc/{pid}/{name}", os.O_RDONLY))
        with contextlib.suppress(Closed):  # which is seen again while the child is waited for
            self._control.send({"schedule": pid}, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)

    def _report(self, exit: Exit, *, last: bool = False) -> None:
        self._control.send({"exit": asdict(exit), "last": last})

    def _limit_memory(self, limits: Limits) -> int:
        """Set the cgroup's limit for the next child; how many were killed there so far. Raises OSError.

        Files in memory file systems count, too (scratch and /dev/shm), and so do the pages of this process that the
        child changes. With these on top, the limit on address space comes first, for that raises MemoryError.
        """
        if self._cgroup is None:
            return 0
        self._cgroup.allow(limits.memory_mib + 2 * limits.scratch_mib + self._shared_mib)
        return self._cgroup.kills()

    def _fork(self, limits: Limits, descriptors: list[int], ready: int) -> int:
        home = self._lockdown.namespaces
        pid = os.fork() if home is None else fork_into_namespace(home)
        if pid == 0:
            self._live(limits, descriptors, ready)
        return pid

    def _live(self, limits: Limits, descriptors: list[int], ready: int) -> NoReturn:
        """The child: lock down, run the entry, and end without any clean-up that student code could have planted."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            requests, replies, log = descriptors
            arrange_descriptors(requests, replies, log, ready)
            ready = READY
            self._lockdown.apply(limits)
            os.write(READY, _ENTERED)
            os.close(READY)
        except BaseException as error:
            os.write(ready, f"{type(error).__name__}: {error}".encode(errors="replace")[:4096])
            os._exit(code)
        try:
            self._entry(REQUESTS, REPLIES)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(BaseException):
                sys.stdout.flush()
            os._exit(code)

    def _wait(self, pid: int, number: int) -> tuple[int, struct_rusage, bool]:
        """The child's status and usage, and whether it was killed on request; raises Closed once it is reaped."""
        killed = closed = False
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        poll.register(self._control, select.POLLIN)
        while True:
            done, status, usage = os.wait4(pid, os.WNOHANG)
            if done:
                if closed:
                    raise Closed
                return status, usage, killed
            if not self._control.pending and self._wake in dict(poll.poll()):
                os.read(self._wake, 4096)
                continue
            try:
                asked = self._control.next()[0].get("kill") == number
            except Closed:
                poll.unregister(self._control)
                asked = closed = True
            if asked:
                os.kill(pid, signal.SIGKILL)
                killed = True

    def _clean(self, pid: int) -> bool:
        """End what could outlive the child, empty its scratch folder with its rights; whether that worked."""
        if self._lockdown.namespaces is not None:
            return True  # both ended with the child's namespaces
        if not self._lockdown.seccomp:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        if self._lockdown.drop_user:
            os.setegid(NOBODY)
            os.seteuid(NOBODY)
        try:
            scratch.empty(self._lockdown.scratch)
        except OSError:
            return False
        finally:
            if self._lockdown.drop_user:
                os.seteuid(0)
                os.setegid(0)
        return True


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def _exit(status: int, usage: struct_rusage, killed: bool, told: bytes) -> Exit:
    code = os.waitstatus_to_exitcode(status)
    name = _signal_name(-code) if code < 0 else ""
    reason: Reason
    detail = ""
    if told != _ENTERED:
        reason = "setup"
        detail = told.decode(errors="replace") or f"ended before it was ready: {name or code}"
    elif name:
        reason = "killed" if killed and name == "SIGKILL" else "signal"
    else:
        reason = "exited"
    return Exit(reason, max(code, 0), name, usage.ru_utime + usage.ru_stime, detail)
