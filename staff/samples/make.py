"""Writes the samples that the project ships: `python staff/samples/make.py DEST [--eng-fra FILE]`.

DEST gets the layout of a data directory. The news, reviews and pictures are generated from a fixed seed, so the same
files come out every time. `eng-fra.txt` is only written when FILE, a full list of real pairs, is named: the pairs that
the seq2seq notebook keeps and whose rarest word is among the most frequent, 2,000 of them, as they are written there.
"""

import argparse
import csv
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [path for path in (str(HERE), str(HERE.parents[1])) if path not in sys.path]

from pictures import pictures  # noqa: E402
from texts import news, reviews  # noqa: E402

from data.data import is_kept, normalize  # noqa: E402
from data.eng_fra import read_pairs  # noqa: E402

SEED = 20240601
PAIRS = 2000
ROWS = {
    "ag_news": {"train": 1000, "test": 200},
    "imdb": {"train": 500, "test": 100},
    "cifar10": {"train": 1000, "test": 200},
}


def main() -> None:
    """Writes what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("destination", type=Path, metavar="DEST")
    parser.add_argument("--eng-fra", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    write_generated(arguments.destination)
    if arguments.eng_fra:
        lines = [f"{english}\t{french}\n" for english, french in excerpt(read_pairs(arguments.eng_fra))]
        (arguments.destination / "eng-fra.txt").write_text("".join(lines), encoding="utf-8", newline="\n")


def write_generated(destination: Path) -> None:
    """Writes news, reviews and pictures; every file has a seed of its own, made of SEED and its name."""
    arrays: dict[str, Any] = {}
    for split in ("train", "test"):
        ag_news = news(random.Random(f"{SEED} ag_news {split}"), ROWS["ag_news"][split])
        _write(destination / "ag_news" / f"{split}.csv", [("label", "title", "description"), *ag_news])
        imdb = reviews(random.Random(f"{SEED} imdb {split}"), ROWS["imdb"][split])
        _write(destination / "imdb" / f"{split}.csv", [("label", "text"), *imdb])
        drawn = pictures(random.Random(f"{SEED} cifar10 {split}"), ROWS["cifar10"][split])
        arrays[f"x_{split}"], arrays[f"y_{split}"] = drawn
    np.savez_compressed(destination / "cifar10.npz", **arrays)


def excerpt(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The kept pairs with the most frequent words, in the order in which they came; one of equal pairs."""
    kept: dict[tuple[str, str], tuple[str, str]] = {}
    for english, french in pairs:
        plain = normalize(english), normalize(french)
        if is_kept(*plain, max_length=10):
            kept.setdefault(plain, (english, french))
    counts = [Counter(word for plain in kept for word in plain[side].split()) for side in (0, 1)]
    rarest = {plain: min(counts[side][word] for side in (0, 1) for word in plain[side].split()) for plain in kept}
    chosen = set(sorted(kept, key=lambda plain: -rarest[plain])[:PAIRS])
    return [pair for plain, pair in kept.items() if plain in chosen]


def _write(path: Path, rows: Sequence[tuple[object, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
