"""Turns a student's work into the bytes of a notebook and of an archive."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import archives
import colab
from sample import Sample, Work

from autograder.authoring.answers import region_names, unwritten, with_regions
from autograder.authoring.build import read_sources, solution_notebook
from autograder.authoring.outputs import recorded
from autograder.course.manifest import Assignment


def archive(sample: Sample, root: Path, assignment: Assignment) -> bytes:
    """The file that the student hands in."""
    if sample.packed is not None:
        return sample.packed
    members = {
        f"{sample.folder}{name}": notebook(root, assignment, original, work, f"{sample.archive}/{name}")
        for name, (original, work) in sample.notebooks.items()
    }
    for name, content in sample.files.items():
        members[f"{sample.folder}{name}"] = content.encode() if isinstance(content, str) else content
    if sample.macos:
        members = archives.with_macos_junk(members, sample.folder)
    packed = archives.pack(sample.archive, members, sample.code_page)
    return sample.damage(packed) if sample.damage else packed


def notebook(root: Path, assignment: Assignment, original: str, work: Work, name: str) -> bytes:
    """The file of one notebook of the assignment, `original`, with the student's work in it; `name` seeds its ids."""
    if work.raw:
        return work.raw
    cells = [("code", source) for source in work.before]
    topics = assignment.notebooks[original]
    cells += _cells(root, topics, work) if topics else [("markdown", f"# {Path(original).stem}")]
    cells += [("code", source) for source in work.after]
    for old, new in work.swaps.items():
        if sum(source.count(old) for _, source in cells) != 1:
            raise ValueError(f"{name}: {old!r} does not stand exactly once in the notebook")
        cells = [(kind, source.replace(old, new)) for kind, source in cells]
    outputs = {} if work.unwritten else dict(_printed(root, topics))
    for text, printed in work.prints.items():
        (source,) = (source for _, source in cells if text in source)
        outputs[source] = [colab.stream(printed.splitlines(keepends=True))]
    return colab.notebook(cells, name, outputs)


def _cells(root: Path, topics: tuple[str, ...], work: Work) -> list[tuple[str, str]]:
    sources = _sources(root, topics)
    names = [name for topic in topics for name in region_names(topic, sources[topic])]
    unknown = work.answers.keys() - set(names)
    if unknown:
        raise ValueError(f"no solution region is called {', '.join(unknown)}; there are {', '.join(names)}")
    edited = {topic: _answered(topic, sources[topic], work) for topic in topics}
    cells = solution_notebook(edited).cells
    return [(cell.cell_type, cell.source) for cell in cells if "staff" not in cell.metadata.get("tags", [])]


@cache
def _sources(root: Path, topics: tuple[str, ...]) -> Mapping[str, str]:
    return read_sources(root, topics)


@cache
def _printed(root: Path, topics: tuple[str, ...]) -> Mapping[str, list[dict[str, Any]]]:
    """What the cells of the solution printed and showed when they ran, by their source."""
    outputs = recorded(root, topics)
    cells = solution_notebook(_sources(root, topics)).cells if topics else []
    return {cell.source: outputs[cell.id] for cell in cells if cell.id in outputs}


def _answered(topic: str, script: str, work: Work) -> str:
    """The percent script with the student's answers inside the markers of the solution regions."""
    nothing = {name: unwritten(name) for name in region_names(topic, script)} if work.unwritten else {}
    return with_regions(topic, script, nothing | dict(work.answers))
