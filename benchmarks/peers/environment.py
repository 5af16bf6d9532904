"""The Python environment of the other graders: made once in a cache folder, it shares this one's torch."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

PACKAGES = ("nbgrader", "otter-grader")
_IMPORTS = "import torch, torchvision, matplotlib.pyplot, nbconvert, pytest, nbgrader, otter"
_READY = "ready"  # says that everything was installed, and beside which packages
_SHARED = sysconfig.get_path("purelib")


class NoEnvironment(Exception):
    """The other graders cannot be had here; the message says why, in a line."""


def cache_folder() -> Path:
    """Where environments are kept from one run to the next, for this version of Python."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "autograder-benchmarks" / f"peers-{sys.version_info.major}.{sys.version_info.minor}"


def prepare(folder: Path | None = None) -> Path:
    """The folder of the environment, made unless there is one beside the same packages. Raises NoEnvironment."""
    folder = folder or cache_folder()
    ready = folder / _READY
    if not ready.exists() or ready.read_text() != _SHARED:
        _make(folder)
        ready.write_text(_SHARED)
    return folder


def _make(folder: Path) -> None:
    print(f"Installing {' and '.join(PACKAGES)} into {folder}, once.", flush=True)
    try:
        venv.create(folder, clear=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoEnvironment(f"no environment can be made in {folder}: {error}") from None
    python = folder / "bin" / "python"
    place = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True)
    # A .pth file, and no --system-site-packages: what is here stands in a virtual environment, too.
    Path(place.strip(), "shared_torch.pth").write_text(f"{_SHARED}\n")
    for arguments in (["-m", "pip", "install", "--quiet", *PACKAGES], ["-c", _IMPORTS]):
        done = subprocess.run([python, *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise NoEnvironment(f"{' and '.join(PACKAGES)} cannot be installed or imported: {last[:200]}")


def versions(folder: Path) -> dict[str, str]:
    """The versions of the other graders, by package."""
    code = f"from importlib.metadata import version\nprint(*map(version, {PACKAGES!r}))"
    found = subprocess.check_output([folder / "bin" / "python", "-c", code], text=True)
    return dict(zip(PACKAGES, found.split(), strict=True))
