"""One sample student: what stands in the notebooks, and how they are packed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Work:
    """What a student made of one notebook.

    `answers` maps the name of a solution region ("gru_forward", "Attention.forward") to the code written there. The
    regions that are not named hold the solution, or nothing at all if `unwritten`. `swaps` changes text of the finished
    cells, which must occur exactly once. `prints` is what the one cell that holds a text printed, in place of what the
    solution did. `before` and `after` are the student's own code cells. `raw`, if not empty, is the file itself.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    unwritten: bool = False
    swaps: Mapping[str, str] = field(default_factory=dict)
    prints: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    raw: bytes = b""


@dataclass(frozen=True)
class Sample:
    """A sample student.

    `archive` is the name of the file, whose suffix says how it is packed; `who` says what is special. `notebooks` maps
    the name inside the archive to the assignment's notebook and the work. `folder` stands before each name, `files` are
    further members. `macos` adds what macOS adds. `code_page` encodes the names of a zip archive. `damage` changes the
    finished archive. `packed`, if given, is the whole file.
    """

    archive: str
    who: str
    notebooks: Mapping[str, tuple[str, Work]] = field(default_factory=dict)
    folder: str = ""
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    macos: bool = False
    code_page: str = "utf-8"
    damage: Callable[[bytes], bytes] | None = None
    packed: bytes | None = None
