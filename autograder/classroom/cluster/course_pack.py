"""The course as it travels: the files that checks need, and the secret cases, without the folder that makes them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from autograder.classroom.cluster import wire
from autograder.course.course import Course
from autograder.course.data_package import data_folders, readable_data
from autograder.course.root import MANIFEST


def pack_files(root: Path) -> bytes:
    """The files of the course at `root` that marking depends on, each once however often it is there."""
    paths = {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(set(_files(root)))}
    places = {content: place for place, content in enumerate(dict.fromkeys(paths.values()))}
    return wire.to_bytes({name: places[content] for name, content in paths.items()}, list(places))


def unpack_files(data: bytes, folder: Path) -> None:
    """Writes what `pack_files` read into a folder. Raises WireError, OSError."""
    names, contents = wire.from_bytes(data)
    for name, place in names.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise wire.WireError(f"a file outside of the course: {name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[place])


def _files(root: Path) -> Iterator[Path]:
    """Manifest, checks with their public cases, handouts, and what graded code imports and reads of the data."""
    folders = [root / "tests", root / "notebooks", *readable_data(root)]
    inside = [path for folder in folders for path in (folder.rglob("*") if folder.is_dir() else [folder])]
    modules = [*root.glob("*.py"), *(path for folder in data_folders(root) for path in folder.rglob("*.py"))]
    for path in (root / MANIFEST, *inside, *modules):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def pack_cases(course: Course) -> bytes:
    """The secret cases of a course, as safetensors."""
    secret = {name: [case for case in cases if case.secret] for name, cases in course.cases.items()}
    names = {name: [case.name for case in cases] for name, cases in secret.items()}
    return wire.to_bytes(names, [case.to_bytes() for cases in secret.values() for case in cases])


class PackedCases:
    """Stands where a gradebook keeps the secret cases: these come from one already."""

    def __init__(self, data: bytes) -> None:
        names, contents = wire.from_bytes(data)
        left = iter(contents)
        self._cases = {recipe: [(name, next(left)) for name in several] for recipe, several in names.items()}

    def kept_cases(self, _version: str) -> dict[str, list[tuple[str, bytes]]]:
        """All of them; their version is that of the grader, with which the whole course is compared."""
        return self._cases

    def keep_cases(self, _version: str, cases: Mapping[str, Sequence[tuple[str, bytes]]]) -> None:
        """Nothing is made here. Raises WireError, for what came is not what the course asks for."""
        raise wire.WireError(f"cases are missing: the course here needs {', '.join(cases)}")
