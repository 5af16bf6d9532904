"""The record of a reference run: a small JSON beside the executed notebook, `hw4_rnn.json` beside `hw4_rnn.ipynb`.

    {"code": "5f1d...", "attempts": 2, "seconds": 3971.2, "peak_mib": 2251.6,
     "machine": "2 cores, Python 3.11.7, torch 2.14.1"}

| field | holds |
|---|---|
| `code` | SHA-256 of the solution's code cells (`training.code_digest`): whose training the saved state belongs to |
| `attempts` | how often the notebook was started |
| `seconds` | wall time of all attempts together, those included that were interrupted |
| `peak_mib` | largest resident memory of a process of any attempt that ended, in MiB: the kernel's, which trains |
| `machine` | where the last attempt ran, as `machine()` says it |

A run that was made by hand with `autograder run` is kept as it is if its notebook has the code cells of the present
solution; its record then may hold any `code`, and the other fields as `/usr/bin/time -v` gives them.
"""

import json
import os
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path


class RecordError(ValueError):
    """A record cannot be used; the message names its file."""


@dataclass(frozen=True)
class Record:
    """What all attempts of one notebook took."""

    code: str
    attempts: int
    seconds: float
    peak_mib: float
    machine: str

    def write(self, path: Path) -> None:
        """Replaces the file at once, so that it is never half written."""
        scratch = path.with_suffix(".json.part")
        scratch.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        scratch.replace(path)


def read_record(path: Path) -> Record | None:
    """The record in a file, None where there is none. Raises RecordError for a file that is no record."""
    if not path.is_file():
        return None
    try:
        record = Record(**json.loads(path.read_text(encoding="utf-8")))
        return Record(record.code, record.attempts, float(record.seconds), float(record.peak_mib), record.machine)
    except (TypeError, ValueError) as error:
        raise RecordError(f"{path}: not a record of a reference run: {error}") from None


def cores() -> int:
    """How many processors there are, and so how many notebooks train at a time."""
    return os.cpu_count() or 1


def machine() -> str:
    """The kind of this machine: '2 cores, Python 3.11.7, torch 2.14.1'."""
    count = cores()
    return f"{count} core{'s' * (count > 1)}, Python {platform.python_version()}, torch {version('torch')}"
