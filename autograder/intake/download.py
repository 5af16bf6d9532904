"""What lies in a class's folder or archive, and what an LMS has written beside it about who and when.

Functions that begin with `answer_` run in a reader's process and return JSON.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.sizes import MIB
from autograder.intake.archive import format_of, zip_listing, zip_members
from autograder.intake.lms import gradescope, sakai
from autograder.intake.lms.given import GivenName, LmsPerson
from autograder.intake.member import Budget, CappedFile, drain
from autograder.intake.names import components, ignored
from autograder.intake.roster import RosterError
from autograder.sandbox.reader import ReaderEnded, Readers

_LARGEST = 16 * MIB


@dataclass(frozen=True)
class Place:
    """A folder: on the disk at `path`, or, with the `names` in the zip archive at `path`, the one `within` it."""

    path: Path
    names: Mapping[str, str] | None = None
    within: str = ""

    def entries(self) -> dict[str, bool]:
        """What lies in it, sorted, and whether each is a folder; not what is hidden or what systems add."""
        return {name: is_folder for name, is_folder in sorted(self._all()) if not ignored(name)}

    def inside(self, name: str) -> "Place":
        """The folder of this name that lies in it."""
        if self.names is None:
            return Place(self.path / name)
        return Place(self.path, self.names, f"{self.within}/{name}".removeprefix("/"))

    def _all(self) -> Iterator[tuple[str, bool]]:
        if self.names is None:
            yield from ((entry.name, entry.is_dir()) for entry in self.path.iterdir())
            return
        prefix = f"{self.within}/" if self.within else ""
        folders: dict[str, bool] = {}
        for name, kind in self.names.items():
            if name.startswith(prefix):
                first, _, rest = name[len(prefix) :].partition("/")
                folders[first] = folders.get(first, False) or bool(rest) or kind == "folder"
        yield from folders.items()


class Desk:
    """Asks readers about places; without any, reads in this process."""

    def __init__(self, readers: Readers | None) -> None:
        self._readers = readers

    def archive(self, path: Path) -> Place | None:
        """The zip archive at `path` as a place; None if it is none, or cannot be read."""
        try:
            names = self._ask(answer_names, path.absolute())
        except (ReaderEnded, OSError):  # its own row will say why
            return None
        return None if names is None else Place(path, names)

    def people(self, place: Place) -> dict[str, GivenName]:
        """What Gradescope has written about the folders there. Raises RosterError if that cannot be read."""
        try:
            told = self._ask(answer_people, place.path.absolute(), place.within)
        except (ReaderEnded, OSError) as error:
            told = {"problem": f"{gradescope.METADATA} cannot be read: {error}"}
        if "problem" in told:
            raise RosterError(f"{place.path}: {told['problem']}")
        return {folder: _from_wire(given) for folder, given in told["folders"].items()}

    def times(self, place: Place, folders: Sequence[str]) -> dict[str, datetime]:
        """When each of Sakai's folders there was handed in, as far as that is told."""
        try:
            told = self._ask(answer_times, place.path.absolute(), place.within, list(folders))
        except (ReaderEnded, OSError):
            return {}
        return {folder: datetime.fromisoformat(time) for folder, time in told.items()}

    def _ask(self, function: Callable[..., Any], *arguments: object) -> Any:
        if self._readers is None:
            return function(*arguments)
        with self._readers.borrow() as reader:
            return reader.call(f"{__name__}:{function.__name__}", *arguments)


def answer_names(path: Path) -> dict[str, str] | None:
    """The names in a zip archive with their kinds; None for anything else, damaged archives among it."""
    try:
        return zip_listing(path) if format_of(path) == "zip" else None
    except MemoryError:  # the reader's limit
        raise
    except Exception:  # readers of damaged archives raise nearly anything
        return None


def answer_people(path: Path, within: str) -> dict[str, Any]:
    """What `submission_metadata.yml` says of each folder, or a problem. Raises OSError."""
    try:
        content = _contents(path, within, [gradescope.METADATA]).get(gradescope.METADATA)
        if content is None:
            return {"problem": f"{gradescope.METADATA} is no plain file"}
        return {"folders": {folder: _to_wire(given) for folder, given in gradescope.given_names(content).items()}}
    except gradescope.MetadataError as error:
        return {"problem": str(error)}


def answer_times(path: Path, within: str, folders: list[str]) -> dict[str, str]:
    """The times in the files `timestamp.txt` of some folders. Raises OSError."""
    contents = _contents(path, within, [f"{folder}/{sakai.TIMESTAMP}" for folder in folders])
    times = {name.rpartition("/")[0]: sakai.time_in(text.decode("ascii", "replace")) for name, text in contents.items()}
    return {folder: time.isoformat() for folder, time in times.items() if time}


def _contents(path: Path, within: str, names: list[str]) -> dict[str, bytes]:
    """The bytes of those files that are there and can be read."""
    if path.is_dir():
        return {name: content for name in names if (content := _content(path / name)) is not None}
    contents: dict[str, bytes] = {}
    wanted = set(names)
    for member in zip_members(path, within):
        name = "/".join(components(member.name)[0])
        if name in wanted and member.kind == "file":
            contents[name] = member.read(_LARGEST)
    return contents


def _content(path: Path) -> bytes | None:
    if not path.is_file():
        return None
    with CappedFile(path) as file:
        return b"".join(drain(file, Budget(None), _LARGEST))


def _to_wire(given: GivenName) -> dict[str, Any]:
    people = [[one.identity, one.lms_id, one.login, one.name, one.email] for one in given.people]
    return {"people": people, "time": given.time and given.time.isoformat(), "number": given.number}


def _from_wire(told: Mapping[str, Any]) -> GivenName:
    people = tuple(LmsPerson(*map(str, person)) for person in told["people"])
    time = datetime.fromisoformat(told["time"]) if told["time"] else None
    return GivenName("", people, "Gradescope", time, number=int(told["number"]))
