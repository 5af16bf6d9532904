"""The models that a student saved: taken out of the submission, one file at a time, into a folder of the grader's.

No name that stands in an archive is used as a path: files on the disk are numbered.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from autograder.course.sizes import MIB
from autograder.intake.member import Member, MemberError, is_full
from autograder.intake.wrapping import opened
from autograder.messages import say
from autograder.notebook.text import one_line

WEIGHTS = (".safetensors", ".pt")
# What looks like a model and is none that can be read; the right suffix is what the question asks for.
REFUSED = {".pt2", ".pth", ".pkl", ".pickle", ".bin", ".ckpt", ".h5", ".onnx", ".ts", ".jit", ".npz", ".zip"}
LARGEST_JSON = 16 * MIB
MAX_FILES = 200
# Of files that the grader itself reads: what they hold is allocated value by value.
MAX_VALUES = 500_000  # in a JSON file
MAX_HEADER = 2 * MIB  # of a safetensors file, which lists its tensors


@dataclass(frozen=True)
class SavedFile:
    """A file beside the models: where its content lies now, or None and why it was not read ("" if nobody needs it)."""

    path: Path | None
    problem: str = ""


def save_models(
    source: Path, folders: Mapping[str, int], destination: Path, member: str = ""
) -> dict[str, dict[str, SavedFile]]:
    """The files of each of `folders` ("models/part-1"), by their names in it; of that `member` of a class's archive.

    `folders` says how many MiB a file of weights may have in each.

    The folder may lie at any depth of the submission; of two files of one name the less deeply buried one counts.
    Contents of `.pt`, `.json` and `.safetensors` files are written to `destination`. Whatever is damaged is told in
    the file's `problem`, or left out when the archive does not even name it. Raises OSError when the disk is full.
    """
    found: dict[str, dict[str, tuple[int, SavedFile]]] = {folder: {} for folder in folders}
    try:
        with opened(source, member) as package, closing(package.members()) as inside:
            for entry in inside:
                if entry.kind == "folder":
                    continue
                for folder, mib in folders.items():
                    _take(entry, folder, mib * MIB, found[folder], destination)
    except Exception as error:  # the same damage as at the first reading, which has noted it
        if is_full(error):
            raise
    return {folder: {name: file for name, (_, file) in sorted(files.items())} for folder, files in found.items()}


def model_names(files: Iterable[str], pattern: str) -> list[str]:
    """The names of the models among some files: of `wide.pt` its stem, of `wide/config.json` its folder."""
    depth = pattern.count("/")
    found = [PurePosixPath(name) for name in files if name.count("/") == depth and fnmatchcase(name, pattern)]
    return [path.parent.name if depth else path.stem for path in found]


def refused(files: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Files that look like models and are none that can be read, each with the reason."""
    for name in files:
        suffix = PurePosixPath(name).suffix.lower()
        if suffix in REFUSED:
            yield name, say("files of the kind {suffix} may run code when they are loaded", suffix=suffix)


def problem_of(path: Path) -> str:
    """What keeps a saved JSON or safetensors file from being read any further; "" if nothing does."""
    if path.suffix == ".json":
        return _problem_of_json(path.read_bytes())
    return _problem_of_header(path) if path.suffix == ".safetensors" else ""


def _problem_of_json(content: bytes) -> str:
    if sum(map(content.count, (b",", b"[", b"{"))) > MAX_VALUES:
        return say("is no configuration (more than {count:,} values)", count=MAX_VALUES)
    try:
        json.loads(content)
    except (ValueError, RecursionError) as error:
        return say("is not valid JSON: {error}", error=str(error)[:100])
    return ""


def _problem_of_header(path: Path) -> str:
    damaged = "is damaged, or no safetensors file ({error})"
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 2 <= size <= min(MAX_HEADER, path.stat().st_size - 8):
            return say(damaged, error=say("its header has {size:,} bytes", size=size))
        try:
            header = json.loads(file.read(size))
        except (ValueError, RecursionError):
            return say(damaged, error=say("its header is not valid JSON"))
    return "" if isinstance(header, dict) else say(damaged, error=say("its header is no list of tensors"))


def _take(
    member: Member, folder: str, largest: int, files: dict[str, tuple[int, SavedFile]], destination: Path
) -> None:
    depth, name = _place(member.name, folder)
    if not name or (name in files and files[name][0] <= depth) or len(files) >= MAX_FILES:
        return
    suffix = Path(name).suffix.lower()
    if suffix not in (*WEIGHTS, ".json"):
        files[name] = depth, SavedFile(None)
        return
    if member.kind != "file":
        files[name] = depth, SavedFile(None, say("is a {kind} and was not read", kind=member.kind))
        return
    files[name] = depth, SavedFile(None, say("is damaged and was not read"))  # unless the rest succeeds
    path = destination / f"{len(list(destination.iterdir()))}{suffix}"
    try:
        member.write(path, largest if suffix in WEIGHTS else LARGEST_JSON)
    except MemberError as error:
        files[name] = depth, SavedFile(None, str(error))
        return
    files[name] = depth, SavedFile(path)


def _place(stored: str, folder: str) -> tuple[int, str]:
    """How deeply `folder` is buried in a stored name, and the name behind it, "" if it is not in that folder."""
    parts = [
        part for part in unicodedata.normalize("NFC", stored.replace("\\", "/")).split("/") if part not in ("", ".")
    ]
    wanted = folder.split("/")
    for depth in range(len(parts) - len(wanted)):
        if parts[depth : depth + len(wanted)] == wanted:
            rest = parts[depth + len(wanted) :]
            hidden = any(part.startswith(".") for part in rest) or "__MACOSX" in parts[:depth]
            return depth, "" if hidden else one_line("/".join(rest), 200)
    return 0, ""
