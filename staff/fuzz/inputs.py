"""The inputs of one run: half made up by hypothesis, half by changing what is valid.

They are the same for the same seed and the same project, out of whose modules hypothesis takes constants.
"""

import base64
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar

import hypothesis
import writing
from forged_replies import change_replies, forged
from hostile_archives import archives
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from lying_worker import Plan, Transcript
from mutation import mutate
from odd_notebooks import change_notebook, notebooks
from sample import Work

from autograder.course.manifest import Assignment

KINDS = ("archives", "notebooks", "frames")
_BATCH = 100  # examples that hypothesis makes at a time, at most
_SUFFIXES = {"zip": ".zip", "tar": ".tar", "tar.gz": ".tar.gz", "folder": ""}
_ODD_NAMES = (
    "2024-20001.tar.gz", "2024-20001.zip", "2024-20001.ipynb", "hw4.ZIP", "x", "2024-20001 (1).zip", "홍길동.zip",
    "-rf.zip",
    "2024-20001_2024-20002.zip", "a\nb\x1b[31m.zip", "=1+1.zip", "<b>.zip", "\u0301" * 40 + ".zip",
    "x" * 240 + ".zip", "\udcff.zip",
)  # fmt: skip
_Example = TypeVar("_Example")


@dataclass(frozen=True)
class Input:
    """One input: its kind, the name of its file, how it was made, and its content.

    The content is an archive, a folder's description (see `hostile_archives`), a notebook, or a plan of replies.
    """

    kind: str
    name: str
    made: str
    content: bytes

    def save(self, path: Path) -> None:
        """Writes the input for a replay."""
        told = {"kind": self.kind, "name": self.name, "made": self.made}
        path.write_text(json.dumps(told | {"content": base64.b64encode(self.content).decode()}))

    @classmethod
    def load(cls, path: Path) -> "Input":
        """What `save` wrote."""
        told = json.loads(path.read_text())
        return cls(told["kind"], told["name"], told["made"], base64.b64decode(told["content"]))


@dataclass(frozen=True)
class Materials:
    """What is valid and gets changed: archives by their form, notebooks by name, and conversations by notebook."""

    archives: Mapping[str, Sequence[bytes]]
    notebooks: Mapping[str, bytes]
    transcripts: Mapping[str, Transcript]


def valid_notebooks(root: Path, assignment: Assignment) -> dict[str, bytes]:
    """The notebooks of a student who solved everything."""
    return {name: writing.notebook(root, assignment, name, Work(), name) for name in assignment.notebooks}


def valid_archives(found: Mapping[str, bytes]) -> dict[str, list[bytes]]:
    """A small and a real archive of every form."""
    small = {"2024-20001/hw4_rnn.ipynb": b'{"cells": []}' * 9, "과제/hw4_vit.ipynb": b"{}", "x/": b""}
    listed = (small, {**found, "model_checkpoints/assignment2-1-2/a.json": b"{}"})
    return {
        "zip": [_zipped(members) for members in listed],
        "tar": [_tarred(members, "w") for members in listed],
        "tar.gz": [_tarred(members, "w:gz") for members in listed],
    }


def _zipped(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _tarred(members: Mapping[str, bytes], mode: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    packed = file.getvalue()
    return packed[:4] + bytes(4) + packed[8:] if mode == "w:gz" else packed  # without gzip's time


def generate(kind: str, seed: int, count: int, materials: Materials) -> Iterator[Input]:
    """So many inputs of a kind. What an input is depends on the seed, its number and `count`."""
    random = Random(f"{seed}/{kind}")
    made_up, changed = {"archives": _archives, "notebooks": _notebooks, "frames": _frames}[kind](materials, random)
    for start in range(0, count, 2 * _BATCH):
        wanted = min(2 * _BATCH, count - start)
        drawn = examples(made_up, random.getrandbits(64), wanted - wanted // 2)
        for one in drawn:
            yield one
            if wanted > len(drawn):
                wanted -= 1
                yield next(changed)


def examples(strategy: SearchStrategy[_Example], seed: int, count: int) -> list[_Example]:
    """So many examples of a strategy, the same for the same seed."""
    found: list[_Example] = []
    while len(found) < count:  # hypothesis stops early when it knows no more

        @hypothesis.seed(f"{seed}/{len(found)}")
        @settings(
            max_examples=count - len(found), database=None, phases=[Phase.generate], deadline=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(strategy)
        def keep(one: _Example) -> None:
            found.append(one)

        keep()
    return found[:count]


_Generators = tuple[SearchStrategy[Input], Iterator[Input]]


def _archives(materials: Materials, random: Random) -> _Generators:
    def name(form: str) -> str:
        return random.choice(_ODD_NAMES) if random.random() < 0.15 else f"2024-20001{_SUFFIXES[form]}"

    def changed() -> Iterator[Input]:
        others = [content for listed in materials.archives.values() for content in listed]
        while True:
            form = random.choice(sorted(materials.archives))
            content = mutate(random.choice(materials.archives[form]), random, others)
            yield Input("archives", name(form), f"changed {form}", content)

    made_up = archives().map(lambda one: Input("archives", name(one[0]), f"made-up {one[0]}", one[1]))
    return made_up, changed()


def _notebooks(materials: Materials, random: Random) -> _Generators:
    listed = list(materials.notebooks.values())
    first = next(iter(materials.notebooks))

    def changed() -> Iterator[Input]:
        while True:
            content = change_notebook(materials.notebooks[first], random, listed)
            yield Input("notebooks", first, "changed", content)

    return notebooks().map(lambda content: Input("notebooks", first, "made-up", content)), changed()


def _frames(materials: Materials, random: Random) -> _Generators:
    names = sorted(materials.transcripts)

    def changed() -> Iterator[Input]:
        while True:
            name = random.choice(names)
            plan = change_replies(name, materials.transcripts[name].in_order, random)
            yield _planned(plan, "changed")

    return forged(names).map(lambda plan: _planned(plan, "made-up")), changed()


def _planned(plan: Plan, made: str) -> Input:
    return Input("frames", plan.notebook, made, plan.to_bytes())
