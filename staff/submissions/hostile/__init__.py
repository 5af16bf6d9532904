"""Code of students who break things, or try to get marks without an answer.

The sample classes take theirs from here; `hostile.corpus` holds what `autograder doctor` puts to the sandbox.
"""

from hostile.cheats import (
    CRASHES,
    EATS_MEMORY,
    FORGES_REPLIES,
    HIDES_GRU_CELL,
    LOOPS,
    PATCHES_COMPARISONS,
    PICKLE,
    PRINTS_A_LOT,
    READS_FILES,
    SEGFAULTS,
    looks_public_cases_up,
    walks_frames,
)

__all__ = [
    "CRASHES",
    "EATS_MEMORY",
    "FORGES_REPLIES",
    "HIDES_GRU_CELL",
    "LOOPS",
    "PATCHES_COMPARISONS",
    "PICKLE",
    "PRINTS_A_LOT",
    "READS_FILES",
    "SEGFAULTS",
    "looks_public_cases_up",
    "walks_frames",
]
