"""Our own commands, started as people start them."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.process import Usage, run

_DAY = 24 * 3600.0
# As people have it: in the first run Python compiles what is installed.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run_ours(
    root: Path,
    *arguments: object,
    log: Path,
    sample_every: float = 0.0,
    on_sample: Callable[[Usage], None] | None = None,
) -> Usage:
    """What `autograder ...` takes in a course's folder; raises SystemExit if it fails rather than finds something."""
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    usage = run(
        command,
        root,
        environment=_ENVIRONMENT,
        log=log,
        seconds=_DAY,
        sample_every=sample_every,
        on_sample=on_sample,
    )
    said = log.read_text(errors="replace")
    if usage.status not in (0, 1) or "Traceback (most recent call last)" in said:
        raise SystemExit(f"{' '.join(command)} failed:\n{said[-2000:]}")
    return usage
