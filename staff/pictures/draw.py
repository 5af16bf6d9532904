"""Draws the pictures of README.md and docs/ anew: python staff/pictures/draw.py."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDERS = map(str, (HERE, HERE.parent / "submissions", ROOT))
sys.path[:0] = [path for path in FOLDERS if path not in sys.path]

import notebook_top  # noqa: E402
import rooms  # noqa: E402
import sample_reports  # noqa: E402

IMAGES = ROOT / "docs" / "images"
NAMES = ("rooms.svg", "table.svg", "page.png", "class.png", "review.png", "notebook.png")
ROOMS, TABLE, PAGE, CLASS, REVIEW, NOTEBOOK = PICTURES = [IMAGES / name for name in NAMES]


def main() -> int:
    """Writes every picture; returns the exit code."""
    try:
        ROOMS.write_text(rooms.draw(ROOT), encoding="utf-8")
        notebook_top.draw(ROOT, NOTEBOOK)
        sample_reports.draw(TABLE, PAGE, CLASS, REVIEW)
    except (ValueError, FileNotFoundError, subprocess.CalledProcessError) as error:
        print(f"pictures: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
