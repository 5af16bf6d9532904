"""Where a course lies: its folder, found from the current one."""

from pathlib import Path

from autograder.course.toml_section import ManifestError

MANIFEST = "assignments.toml"


def project_root(start: Path | None = None) -> Path:
    """The course's folder, which holds assignments.toml: `start` (default: the current folder) or the nearest above it.

    Raises ManifestError when none of them holds it.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / MANIFEST).is_file():
            return folder
    raise ManifestError(f"there is no {MANIFEST} in {start} or above it: go to a course's folder first")


def own_root() -> Path:
    """The course's folder for code in a notebook: the one around this package, else the current one or one above it.

    Raises ManifestError when there is none.
    """
    try:
        return project_root(Path(__file__))
    except ManifestError:
        return project_root()


def is_students_copy(root: Path) -> bool:
    """Whether a course's folder is what students get, without the answers."""
    return not (root / "staff").is_dir()
