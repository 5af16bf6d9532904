"""The grader's side of the sandbox: start a warm process, ask it for children."""

import contextlib
import copy
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.sandbox.child import Child, Place
from autograder.sandbox.connection import (
    PACKAGE_PARENT,
    Connection,
    SandboxUnavailable,
    WarmProcess,
    require_forks,
)
from autograder.sandbox.control import Closed, Message
from autograder.sandbox.limits import Limits

ALL_LAYERS = ("namespaces", "landlock", "seccomp", "memory cgroup")


class Sandbox:
    """One warm process that forks locked-down children. Not thread-safe: one per thread; at most one child at a time.

    `entry` ("module:function") is imported in the warm process and called in each child as
    `function(requests_fd, replies_fd)`. `preload` names modules to import there, or "module:function" to call, so that
    no child needs to; `imports` are more modules, which need not be there. `read` are folders and files that student
    code may read besides the libraries; `protect` are folders that it must not be able to read. `import_path` are
    folders that the warm process imports from, the one that holds this package always among them; children cannot read
    them. `packages` are folders of packages to import there first, each under its folder's name and with all of its
    modules, since children cannot look into the folder. `begun` is a warm process that was started before all this was
    known. It is not waited for before `wait`, and what is wrong with it is raised there. `few` says that there will be
    few children: making all forks cheap costs as much as 20 of them. `layers` names those that may be used, for tests.
    `place` is what its children lend while they only wait, if there is any.

    Raises SandboxUnavailable: if neither tier 1 nor tier 2 holds (with `unsafe`, whatever holds is used), if a
    protected folder lies in a readable one, or if the warm process does not start.
    """

    def __init__(
        self,
        entry: str,
        preload: Sequence[str] = (),
        read: Sequence[Path] = (),
        protect: Sequence[Path] = (),
        limits: Limits = Limits(),  # noqa: B008
        unsafe: bool = False,
        *,
        import_path: Sequence[Path] = (),
        packages: Sequence[Path] = (),
        imports: Sequence[str] = (),
        begun: WarmProcess | None = None,
        few: bool = False,
        layers: Sequence[str] = ALL_LAYERS,
    ) -> None:
        require_forks()
        self.limits = limits
        self._config: Message = {
            "entry": entry,
            "preload": list(preload),
            "imports": list(imports),
            "read": [str(path.resolve(strict=True)) for path in read],
            "protect": [str(path.resolve()) for path in protect],
            "import_path": [*map(str, import_path), PACKAGE_PARENT],
            "packages": [str(path.resolve(strict=True)) for path in packages],
            "few": few,
            "layers": list(layers),
            "unsafe": unsafe,
        }
        self._stopped = False
        self._child: Child | None = None
        self.place: Place | None = None
        self._warm: Connection = begun or self._start()
        if begun:
            begun.configure(self._config)
        else:
            self.wait()

    def _start(self) -> WarmProcess:
        warm = WarmProcess()
        warm.configure(self._config)
        return warm

    def wait(self) -> None:
        """Wait until the warm process is ready. Raises SandboxUnavailable."""
        self._warm.wait()

    @property
    def tier(self) -> int:
        """1: namespaces, Landlock and seccomp hold; 2: Landlock and seccomp; 4: less, if `unsafe`."""
        return self._warm.tier

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers that hold, for the report."""
        return self._warm.layers

    def fork(self, limits: Limits | None = None) -> Child:
        """A fresh child; the one before it is killed. Starts the warm process again if that has died or failed.

        `limits` are this child's own; without them it gets those of the sandbox. Raises SandboxUnavailable.
        """
        limits = limits or self.limits
        failed = self._child is not None and self._child.kill().reason == "setup"  # what it needs may be gone for good
        if not self._stopped and not failed:
            with contextlib.suppress(Closed):
                return self._fork(limits)
        if self._stopped:
            raise SandboxUnavailable("grading was stopped")
        self._warm.close()
        self._warm = self._start()
        try:
            return self._fork(limits)
        except Closed:
            raise SandboxUnavailable("the warm process died twice") from None

    def twin(self) -> "Sandbox":
        """Another sandbox for another thread, whose warm process is a fork of this one's.

        It costs milliseconds instead of seconds and shares this one's memory. Only while no child is alive; close it
        before this one. Raises SandboxUnavailable.
        """
        if self._child:
            self._child.kill()
        other = copy.copy(self)
        other._child, other._warm = None, self._warm.twin()
        return other

    def stop(self) -> None:
        """End child and warm process at once, from any thread, and refuse to fork from then on; `close` must follow."""
        self._stopped = True
        self._warm.stop()

    def close(self) -> None:
        """End the child and the warm process; more than once does no harm."""
        if self._child:
            self._child.kill()
            self._child = None
        self._warm.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _fork(self, limits: Limits) -> Child:
        self._warm.wait()
        ours, theirs = [], []
        for we_write in (True, False, False):  # requests, replies, log
            reader, writer = os.pipe()
            ours.append(writer if we_write else reader)
            theirs.append(reader if we_write else writer)
        try:
            number = self._warm.fork(limits, theirs)
        except Closed:
            for descriptor in ours:
                os.close(descriptor)
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        self._child = Child(self._warm, number, ours, limits, self.place)
        return self._child
