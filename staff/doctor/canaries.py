"""What the doctor plants for hostile code to find: files, sockets, shared memory. Each tells when it was touched."""

import contextlib
import ctypes
import os
import secrets
import shutil
import socket
import stat
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bystanders import Accomplice, Victims

from autograder.course.data_package import data_folders
from autograder.sandbox.layers import kernel

_IPC_PRIVATE, _IPC_RMID, _IPC_NOWAIT = 0, 0, 0o4000
_PLACES = {"answers": "answers/expected.json", "home": "home/.netrc", "submission": "class/2024-20001.tar.gz"}


class Files:
    """Files that every user of the machine may read and write, so that only the sandbox stands before them."""

    def __init__(self, folder: Path) -> None:
        self.paths = {what: folder / name for what, name in _PLACES.items()}
        self.secrets = {what: secrets.token_hex(16) for what in _PLACES}
        self._folder = folder
        self.plant()

    def plant(self) -> None:
        """Make them, or make them as they were."""
        for what, path in self.paths.items():
            shutil.rmtree(path.parent, ignore_errors=True)
            path.parent.mkdir()
            path.parent.chmod(0o777)
            path.write_text(self.secrets[what])
            path.chmod(0o666)
        self._as_planted = self._state()

    def touched(self) -> list[str]:
        """What is not as it was planted."""
        return [f"changed {what}" for what in sorted(dict(self._state() ^ self._as_planted))]

    def _state(self) -> set[tuple[str, object]]:
        found: set[tuple[str, object]] = set()
        for path in sorted(self._folder.rglob("*")):
            about = path.lstat()
            if stat.S_ISSOCK(about.st_mode):
                continue
            content = path.read_bytes() if path.is_file() else b""
            attributes = tuple(os.listxattr(path)) if hasattr(os, "listxattr") else ()
            known = (about.st_mode, about.st_mtime_ns, about.st_nlink, about.st_uid, content, attributes)
            found.add((str(path.relative_to(self._folder)), known))
        return found


class Labels:
    """A copy of a course's `data/` with test labels in `downloaded/`, where real ones lie."""

    def __init__(self, root: Path) -> None:
        self.course = Path(tempfile.mkdtemp(prefix="canaries-course-")).resolve()
        self.course.chmod(0o755)  # as nobody's `data/` is closed to other users
        for folder in data_folders(root):
            shutil.copytree(folder, self.course / folder.name, ignore=shutil.ignore_patterns("downloaded"))
        self.path, self.secret = self.course / "data" / "downloaded" / "imdb" / "test.csv", secrets.token_hex(16)
        self.path.parent.mkdir(parents=True)
        self.path.write_text(f'1,"{self.secret}"\n')

    def close(self) -> None:
        """Remove the copy."""
        shutil.rmtree(self.course, ignore_errors=True)


class Sockets:
    """Servers of five kinds, to which nobody has a reason to speak."""

    def __init__(self, folder: Path, mark: str) -> None:
        unix, abstract, datagrams = str(folder / "socket"), f"\0{mark}", str(folder / "datagrams")
        self._servers = {
            "TCP": _server(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "UDP": _server(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "a unix socket": _server(socket.AF_UNIX, socket.SOCK_STREAM, unix),
            "an abstract socket": _server(socket.AF_UNIX, socket.SOCK_STREAM, abstract),
            "a datagram socket": _server(socket.AF_UNIX, socket.SOCK_DGRAM, datagrams),
        }
        for path in (unix, datagrams):
            Path(path).chmod(0o777)
        ports = {kind.lower(): self._servers[kind].getsockname()[1] for kind in ("TCP", "UDP")}
        self.whereabouts = {**ports, "unix": unix, "abstract": mark, "datagrams": datagrams}

    def touched(self) -> list[str]:
        """The ways on which somebody came."""
        return [f"reached {kind}" for kind, server in self._servers.items() if _was_reached(server)]

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers.values():
            server.close()


class SystemV:
    """What processes of this machine share by numbers that anybody can guess: memory with a secret, and a queue."""

    def __init__(self) -> None:
        self.secret = secrets.token_hex(16)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.shmat.restype = ctypes.c_void_p
        self.segment = kernel.checked(self._libc.shmget(_IPC_PRIVATE, 4096, 0o1666), "shmget")
        self.queue = kernel.checked(self._libc.msgget(_IPC_PRIVATE, 0o1666), "msgget")
        address = self._libc.shmat(self.segment, None, 0)
        ctypes.memmove(address, self.secret.encode(), len(self.secret))
        self._libc.shmdt(ctypes.c_void_p(address))

    def touched(self) -> list[str]:
        """Whether somebody has sent a message."""
        message = ctypes.create_string_buffer(256)
        came = False
        while self._libc.msgrcv(self.queue, message, 128, 0, _IPC_NOWAIT) >= 0:
            came = True
        return ["reached a message queue"] if came else []

    def close(self) -> None:
        """Remove both."""
        self._libc.shmctl(self.segment, _IPC_RMID, None)
        self._libc.msgctl(self.queue, _IPC_RMID, None)


class Canaries:
    """All that is planted on this machine, in a folder of its own, until `close`."""

    def __init__(self, root: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="canaries-")).resolve()
        self.folder.chmod(0o777)
        self._mark, self.flag = f"canary{secrets.token_hex(8)}", secrets.token_hex(16)
        self._files, self._victims, self._labels = Files(self.folder), Victims(), Labels(root)
        self._sockets, self._shared = Sockets(self.folder, self._mark), SystemV()
        answers, port = self._files.paths["answers"], self._sockets.whereabouts["tcp"]
        self._accomplice = Accomplice(self.folder, answers, port)
        self._inherited = os.open(answers, os.O_RDONLY)
        os.set_inheritable(self._inherited, True)
        self._project, line = _own_file(root)
        names = {"answers": "the answers", "home": "a home", "submission": "another submission"}
        self.secrets = {self._files.secrets[what]: name for what, name in names.items()}
        self.secrets |= {self._victims.secret: "another process", line: "the course's own files"}
        self.secrets |= {self._shared.secret: "shared memory"}
        self.secrets |= {self._labels.secret: "test labels"}
        self._key = secrets.randbelow(1 << 30) + 1  # of System V shared memory
        self._libraries = dict(_libraries())

    @property
    def course(self) -> Path:
        """A folder with a `data/` that holds test labels."""
        return self._labels.course

    @property
    def whereabouts(self) -> dict[str, Any]:
        """Where everything is, for hostile code."""
        own = {"flag": self.flag, "mark": self._mark, "key": self._key, "project": self._project}
        own |= {"labels": str(self._labels.path)}
        files = {what: str(path) for what, path in self._files.paths.items()}
        others: dict[str, Any] = {"victims": self._victims.pids, "accomplice": self._accomplice.path}
        others |= {"segment": self._shared.segment, "queue": self._shared.queue}
        return {**own, **files, **self._sockets.whereabouts, **others}

    def touched(self) -> list[str]:
        """What has been touched since the last time, in words; all of it is then planted anew."""
        found = [*self._files.touched(), *self._sockets.touched(), *self._victims.touched(), *self._left()]
        found += self._shared.touched()
        libraries = dict(_libraries())
        found += [f"changed {path}" for path in dict(libraries.items() ^ self._libraries.items())]
        self._libraries = libraries
        if any(one.startswith("changed") for one in found):
            self._files.plant()
        if any(one.startswith("touched") for one in found):
            self._victims.plant()
        return found

    def close(self) -> None:
        """Remove everything."""
        self._accomplice.close()
        self._shared.close()
        self._victims.close()
        self._sockets.close()
        self._labels.close()
        os.close(self._inherited)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _left(self) -> Iterator[str]:
        for folder in map(Path, ("/dev/shm", "/tmp", "/var/tmp")):
            for path in folder.glob(f"*{self._mark}*"):
                yield f"left {path.name.replace(self._mark, '...')} in {folder}"
                path.unlink()
        segments = Path("/proc/sysvipc/shm")
        for line in segments.read_text().splitlines()[1:] if segments.exists() else ():
            key, number = line.split()[:2]
            if int(key) == self._key:
                yield "left System V shared memory"
                ctypes.CDLL(None).shmctl(int(number), _IPC_RMID, None)


def _server(family: int, kind: int, address: Any) -> socket.socket:
    server = socket.socket(family, kind)
    server.setblocking(False)
    server.bind(address)
    if kind == socket.SOCK_STREAM:
        server.listen(16)
    return server


def _was_reached(server: socket.socket) -> bool:
    reached = False
    with contextlib.suppress(BlockingIOError):
        while True:
            if server.type == socket.SOCK_DGRAM:
                server.recv(65536)
            else:
                server.accept()[0].close()
            reached = True
    return reached


def _own_file(root: Path) -> tuple[str, str]:
    """A file of the course that no student may read, and its longest line."""
    path = next(iter(sorted((root / "staff" / "cases").glob("*.py"))))
    return str(path), max(path.read_text(encoding="utf-8").splitlines(), key=len).strip()


def _libraries() -> Iterator[tuple[str, tuple[int, int]]]:
    """Names, times and sizes of what the interpreter imports from, two levels deep at torch alone."""
    paths = sysconfig.get_paths()
    for folder in {paths["stdlib"], paths["purelib"], f"{paths['purelib']}/torch"}:
        if Path(folder).is_dir():
            for entry in os.scandir(folder):
                if entry.name == "__pycache__":  # ours to fill
                    continue
                about = entry.stat(follow_symlinks=False)
                yield entry.path, (about.st_mtime_ns, about.st_size)
