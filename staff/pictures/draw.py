"""Draws the pictures of README.md and docs/design.md anew: python staff/pictures/draw.py."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [path for path in (str(HERE), str(ROOT)) if path not in sys.path]

import rooms  # noqa: E402

IMAGES = ROOT / "docs" / "images"


def main() -> None:
    """Writes every picture."""
    (IMAGES / "rooms.svg").write_text(rooms.draw(ROOT), encoding="utf-8")


if __name__ == "__main__":
    main()
