"""What its author should know about the saved models of a folder before they are handed in."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from autograder.course.fingerprints import of_file
from autograder.course.manifest import Assignment, ModelQuestion
from autograder.course.sizes import MIB
from autograder.intake.names import ignored
from autograder.models.saved_files import WEIGHTS, SavedFile, model_names, problem_of, refused

if TYPE_CHECKING:  # which imports torch
    from autograder.checks.question import Check

REPORT = "report.md"
_BLANK = "..."  # what a report has where its author is to write


class _BeyondTheFiles(Exception):
    """A check has read all the files that it wants, and goes on to the student's code or to the data."""


class _Elsewhere:
    """Stands for the student's code and the data, which nobody looks at here."""

    def __getattr__(self, name: str) -> NoReturn:
        raise _BeyondTheFiles(name)


def model_faults(root: Path, folder: Path, assignment: Assignment) -> Iterator[str]:
    """A line for everything that is wrong with the models of each question, their reports, and what lies elsewhere."""
    checks = _checks(root, assignment) if assignment.model_questions else []
    for question, rule in assignment.model_questions.items():
        place = folder / rule.folder
        files = {path.relative_to(place).as_posix(): path for path in _files(place)}
        names = model_names(files, rule.models)
        if len(names) < rule.distinct:
            yield f"{question}: {len(names)} of {rule.distinct} models in {rule.folder}/, as {rule.models}"
        yield from (f"{rule.folder}/{name} is not read: {reason}" for name, reason in refused(files))
        yield from _file_faults(rule, files)
        yield from _twins(rule, files)
        yield from _report_faults(rule, files)
        yield from _check_faults([check for check in checks if check.question == question], rule, names, files)
    yield from _strays(folder, assignment)


def _file_faults(rule: ModelQuestion, files: dict[str, Path]) -> Iterator[str]:
    """Files that are too large or damaged."""
    for name, path in files.items():
        size = path.stat().st_size
        if path.suffix.lower() in WEIGHTS and size > rule.model_mib * MIB:
            yield f"{rule.folder}/{name} has {size / MIB:.1f} MiB; a file of weights may have {rule.model_mib}"
        elif not size:
            yield f"{rule.folder}/{name} is empty"
        elif problem := problem_of(path):
            yield f"{rule.folder}/{name} {problem}"


def _twins(rule: ModelQuestion, files: dict[str, Path]) -> Iterator[str]:
    """Weights that are the same byte for byte."""
    first: dict[str, str] = {}
    for name, path in files.items():
        is_empty = not path.stat().st_size
        if path.suffix.lower() in WEIGHTS and not is_empty and (other := first.setdefault(of_file(path), name)) != name:
            yield f"{rule.folder}/{name} is {other} once more: the same model counts once"


def _report_faults(rule: ModelQuestion, files: dict[str, Path]) -> Iterator[str]:
    report = files.get(REPORT)
    if report is None:
        yield f"{rule.folder}/{REPORT} is missing"
    elif _BLANK in report.read_text(encoding="utf-8", errors="replace"):
        yield f"{rule.folder}/{REPORT} still has '{_BLANK}' where your words belong"


def _checks(root: Path, assignment: Assignment) -> "list[Check]":
    """The checks about saved models; none without PyTorch."""
    try:
        import torch  # noqa: F401  # only to see whether it is there
    except ImportError:
        return []
    from autograder.course.course import load_public

    notebooks = [name for name, topics in assignment.notebooks.items() if topics]
    return [check for name in notebooks for _, check in load_public(root, assignment, name).model_checks]


def _check_faults(
    checks: "Sequence[Check]", rule: ModelQuestion, names: Sequence[str], files: dict[str, Path]
) -> Iterator[str]:
    """What a question's own checks say of the files of each model, as far as they need nothing else."""
    if not checks:
        return
    import torch

    from autograder.checks.expect import Mismatch
    from autograder.models.checkpoint import Checkpoint

    class Files(Checkpoint):
        """The files of a model, of which weights may be as they were saved."""

        def tensors(self, file: str) -> dict[str, torch.Tensor]:
            if not file.endswith(".pt"):
                return super().tensors(file)
            try:
                found: dict[str, torch.Tensor] = torch.load(self._path(file), map_location="cpu", weights_only=True)
            except Mismatch:
                raise
            except Exception:  # what torch raises for a damaged file is not documented
                raise self.wrong(file, "is damaged, or holds more than tensors; save model.state_dict()") from None
            return found

    saved = {name: SavedFile(path) for name, path in files.items()}
    for check in checks:
        for name in names:
            try:
                check.function(student=_Elsewhere(), checkpoint=Files(name, rule.folder, saved), data=_Elsewhere())
            except Mismatch as error:
                yield f"{check.question}: {error.lines[0]}"
            except _BeyondTheFiles:
                pass
            except Exception as error:  # a check may do anything with what a file holds
                yield f"{check.question}: {Files(name, rule.folder, saved).unusable(error).lines[0]}"


def _strays(folder: Path, assignment: Assignment) -> Iterator[str]:
    """Weights that lie where no question looks for them."""
    places = [folder / rule.folder for rule in assignment.model_questions.values()]
    outer = [folder / name for name in assignment.required if name.endswith("/")] if places else []
    loose = [path for path in sorted(folder.iterdir()) if path.is_file()] if places else []
    for path in (*loose, *(path for place in outer for path in _files(place))):
        if path.suffix.lower() in WEIGHTS and not any(path.is_relative_to(place) for place in places):
            wanted = " or ".join(f"{rule.folder}/" for rule in assignment.model_questions.values())
            yield f"{path.relative_to(folder).as_posix()} lies where no question looks; put it into {wanted}"


def _files(folder: Path) -> list[Path]:
    """The files below a folder, but for hidden ones."""
    inside = sorted(folder.rglob("*")) if folder.is_dir() else []
    return [path for path in inside if path.is_file() and not any(map(ignored, path.relative_to(folder).parts))]
