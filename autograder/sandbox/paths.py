"""Which folders student code may read: the standard library, site-packages, shared libraries, and what the grader adds.

Not sys.prefix, for a project may hold its own .venv, and not all of sys.path, for an editable install puts the project
on it. What is installed into a folder leaves its `.dist-info` there; what lies in a project leaves none.
"""

import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

_SYSTEM = (
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/usr/share/zoneinfo",
    "/sys/devices/system/cpu",  # how many cores there are
    "/proc/cpuinfo",
    "/proc/meminfo",
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


def library_paths() -> list[str]:
    """Real paths of what this interpreter imports from, and of shared libraries."""
    schemes = sysconfig.get_paths()
    found = [schemes[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    found += [str(Path(os.__file__).parent.parent)]  # where conda and others keep shared libraries
    found += site.getsitepackages()
    if site.ENABLE_USER_SITE:
        found.append(site.getusersitepackages())
    found += filter(_holds_installed, sys.path)  # a .pth file of one environment may add the libraries of another
    return real_paths([*found, *_SYSTEM])


def _holds_installed(folder: str) -> bool:
    return bool(folder) and any(Path(folder).glob("*.dist-info"))


def real_paths(paths: Iterable[str]) -> list[str]:
    """Those that exist, with links resolved, sorted, none inside another."""
    real = sorted({str(Path(path).resolve()) for path in paths if Path(path).exists()})
    return [path for path in real if not any(inside(path, other) for other in real if other != path)]


def inside(path: str, folder: str) -> bool:
    """Whether a real path is the folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")  # pathlib takes 50 times as long


def exposed(protect: Iterable[str], readable: Iterable[str]) -> tuple[str, str] | None:
    """A protected path and the readable folder that holds it, if there are such; links are resolved."""
    folders = [str(Path(folder).resolve()) for folder in readable]
    for path in protect:
        real = str(Path(path).resolve())
        for folder in folders:
            if inside(real, folder):
                return path, folder
    return None


def closed_folders(paths: Iterable[str]) -> list[str]:
    """The outermost folders above `paths` that other users may not pass, such as a home of mode 0700."""
    closed = set()
    for path in paths:
        for folder in reversed(Path(path).parents):
            if not folder.stat().st_mode & 0o001:
                closed.add(str(folder))
                break
    return sorted(closed)


def import_from_real_folders() -> None:
    """Take links out of sys.path and of the packages imported so far: children may not be able to follow them."""
    packages = (getattr(module, "__path__", None) for module in sys.modules.values())
    for folders in (sys.path, *(path for path in packages if isinstance(path, list))):
        folders[:] = [str(Path(folder).resolve()) for folder in folders]
    sys.path_importer_cache.clear()


def keep_importable(folders: Sequence[str]) -> None:
    """Take everything off sys.path, and out of its caches, that does not lie in `folders`."""

    def is_allowed(path: str) -> bool:
        real = str(Path(path).resolve())
        return any(inside(real, folder) for folder in folders)

    sys.path[:] = filter(is_allowed, sys.path)
    for path in list(sys.path_importer_cache):
        if not is_allowed(path):
            del sys.path_importer_cache[path]
