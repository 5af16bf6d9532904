"""What its author should know about the saved models of a folder before they are handed in."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.course.fingerprints import of_file
from autograder.course.manifest import Assignment
from autograder.course.model_question import ModelQuestion
from autograder.course.sizes import MIB
from autograder.intake.names import ignored
from autograder.messages import say
from autograder.models.saved_files import WEIGHTS, model_names, problem_of, refused

REPORT = "report.md"
_BLANK = "..."  # what a report has where its author is to write


def model_faults(root: Path, folder: Path, assignment: Assignment, notebooks: Mapping[str, bytes]) -> Iterator[str]:
    """A line for everything that is wrong with the models of each question, their reports, and what lies elsewhere.

    `notebooks` are the contents of those that define the models, by name.
    """
    saved: dict[str, tuple[list[str], dict[str, Path]]] = {}
    for question, rule in assignment.model_questions.items():
        files = _files_of(folder, rule)
        names = model_names(files, rule.models)
        saved[question] = names, files
        if len(names) < rule.distinct:
            few = "{question}: {count} of {total} models in {folder}/, as {pattern}"
            parts = {"question": question, "folder": rule.folder, "pattern": rule.models}
            yield say(few, count=len(names), total=rule.distinct, **parts)
        unread = "{file} is not read: {reason}"
        yield from (say(unread, file=f"{rule.folder}/{name}", reason=reason) for name, reason in refused(files))
        yield from _file_faults(rule, files)
        yield from _twins(rule, files)
        yield from _report_faults(rule, files)
    yield from _check_faults(root, assignment, notebooks, saved)
    yield from _strays(folder, assignment)


def _check_faults(
    root: Path,
    assignment: Assignment,
    notebooks: Mapping[str, bytes],
    saved: Mapping[str, tuple[list[str], dict[str, Path]]],
) -> Iterator[str]:
    """What the questions' own checks say of the models and files of each; nothing without PyTorch."""
    if not saved:
        return
    try:
        import torch  # noqa: F401  # only to see whether it is there
    except ImportError:
        return
    from autograder.selfcheck.fitting import SavedModels, check_faults

    models = {question: SavedModels(names, files) for question, (names, files) in saved.items()}
    yield from check_faults(root, assignment, notebooks, models)


def _files_of(folder: Path, rule: ModelQuestion) -> dict[str, Path]:
    place = folder / rule.folder
    return {path.relative_to(place).as_posix(): path for path in _files(place)}


def _file_faults(rule: ModelQuestion, files: dict[str, Path]) -> Iterator[str]:
    """Files that are too large or damaged."""
    for name, path in files.items():
        size, file = path.stat().st_size, f"{rule.folder}/{name}"
        if path.suffix.lower() in WEIGHTS and size > rule.model_mib * MIB:
            large = "{file} has {size:.1f} MiB; a file of weights may have {most}"
            yield say(large, file=file, size=size / MIB, most=rule.model_mib)
        elif not size:
            yield say("{name} {what}", name=file, what=say("is empty"))
        elif problem := problem_of(path):
            yield say("{name} {what}", name=file, what=problem)


def _twins(rule: ModelQuestion, files: dict[str, Path]) -> Iterator[str]:
    """Weights that are the same byte for byte."""
    first: dict[str, str] = {}
    for name, path in files.items():
        is_empty = not path.stat().st_size
        if path.suffix.lower() in WEIGHTS and not is_empty and (other := first.setdefault(of_file(path), name)) != name:
            twin = "{file} is {other} once more: the same model counts once"
            yield say(twin, file=f"{rule.folder}/{name}", other=other)


def _report_faults(rule: ModelQuestion, files: dict[str, Path]) -> Iterator[str]:
    report = files.get(REPORT)
    if report is None:
        yield say("{name} {what}", name=f"{rule.folder}/{REPORT}", what=say("is missing"))
    elif _BLANK in report.read_text(encoding="utf-8", errors="replace"):
        blank = "{file} still has '{blank}' where your words belong"
        yield say(blank, file=f"{rule.folder}/{REPORT}", blank=_BLANK)


def _strays(folder: Path, assignment: Assignment) -> Iterator[str]:
    """Weights that lie where no question looks for them."""
    places = [folder / rule.folder for rule in assignment.model_questions.values()]
    outer = [folder / name for name in assignment.required if name.endswith("/")] if places else []
    loose = [path for path in sorted(folder.iterdir()) if path.is_file()] if places else []
    for path in (*loose, *(path for place in outer for path in _files(place))):
        if path.suffix.lower() in WEIGHTS and not any(path.is_relative_to(place) for place in places):
            wanted = ", ".join(f"{rule.folder}/" for rule in assignment.model_questions.values())
            stray = "{file} lies where no question looks; put it into {folders}"
            yield say(stray, file=path.relative_to(folder).as_posix(), folders=wanted)


def _files(folder: Path) -> list[Path]:
    """The files below a folder, but for hidden ones."""
    inside = sorted(folder.rglob("*")) if folder.is_dir() else []
    return [path for path in inside if path.is_file() and not any(map(ignored, path.relative_to(folder).parts))]
