"""Draws the figures of the notebooks anew: python -m staff.figures [NAME ...]; by default all."""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER.parent)]

from figures.gallery import draw, names  # noqa: E402

IMAGES = FOLDER.parents[1] / "images"


def main(chosen: list[str]) -> int:
    """Writes the chosen figures, or all; returns the exit code."""
    if unknown := set(chosen) - set(names()):
        print(f"figures: there is no {', '.join(sorted(unknown))}, but {', '.join(names())}", file=sys.stderr)
        return 2
    for name in chosen or names():
        draw(name, IMAGES)
        print(f"drew {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
