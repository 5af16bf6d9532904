"""A preload of Dask's workers: each, by its number, gets a core of its own, and so does all that it starts."""

import os
from pathlib import Path
from typing import Any


def dask_setup(worker: Any) -> None:
    """Called by Dask once a worker is there."""
    cores = sorted(os.sched_getaffinity(0))
    core = {cores[int(worker.name) % len(cores)]}
    for thread in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(thread.name), core)
