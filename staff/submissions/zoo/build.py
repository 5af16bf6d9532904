"""Builds the zoo: broken and strange submissions, the same bytes every time.

python staff/submissions/zoo/build.py FOLDER     writes FOLDER/<entry>/ and, where there is one, FOLDER/<entry>.csv
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [path for path in (str(HERE.parent), str(ROOT)) if path not in sys.path]

from zoo import bombs, cells, damage, downloads, escapes, files, found, lms, names, packing, resubmissions  # noqa: E402
from zoo.entry import Entry  # noqa: E402

# What `make test` tries of each topic; `make quick` tries the first two, `make nightly` all.
TESTED = {
    escapes: ("path-traversal", "zip-symlink", "folder-links", "tar-devices"),
    bombs: ("bomb-ratio", "bomb-nested", "bomb-overlapping", "tar-header"),
    damage: ("zip-cut-off", "encrypted", "gzip-of-a-notebook", "no-archive-login-page"),
    packing: ("as-asked-zip", "tar-in-zip", "macos", "unpacked-folder"),
    names: ("cp949", "duplicate-members", "terminal-escapes", "notebook-is-a-folder"),
    found: ("renamed", "script-of-colab", "two-in-one", "one-notebook-missing"),
    downloads: ("canvas", "roster", "no-id", "somebody-elses-id"),
    lms: ("canvas-imitates-moodle", "blackboard", "gradescope", "whole-download"),
    resubmissions: ("resubmissions", "downloaded-twice", "resubmission-broken", "two-archives"),
    files: ("byte-order-mark", "notebook-cut-off", "format-3", "conflict-in-a-cell"),
    cells: ("cells-reordered", "cell-split-in-a-function", "training-deleted", "text-deleted"),
}
ENTRIES = [entry for topic in TESTED for entry in topic.entries()]


def write(entry: Entry, folder: Path) -> Path:
    """Writes the class of one entry into a folder of its name, and its roster beside that; returns the folder."""
    place = folder / entry.name
    place.mkdir(parents=True)
    for name, content in entry.make().items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    for name, target in entry.links.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).symlink_to(target)
    if entry.roster:
        roster_of(entry, folder).write_text(entry.roster, encoding="utf-8")
    return place


def roster_of(entry: Entry, folder: Path) -> Path:
    """Where the roster of an entry lies."""
    return folder / f"{entry.name}.csv"


def main(arguments: list[str]) -> int:
    """Runs the command line; returns the exit code."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    for entry in ENTRIES:
        print(f"{write(entry, Path(arguments[0]))}: {entry.about}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
