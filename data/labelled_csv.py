"""Reads CSV files whose rows are a label and one or several columns of text."""

import csv
from pathlib import Path

SPLITS = ("train", "test")


def read(path: Path, labels: range, columns: int) -> list[tuple[int, str]]:
    """(label, text) of every row; the text columns are joined by a space, white space around the whole is cut off.

    `columns` counts the label. A first row that starts with "label" is a header. Raises ValueError with the line for
    anything else that is not a row.
    """
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        try:
            for row in reader:
                if row[:1] == ["label"] and reader.line_num == 1:
                    continue
                if len(row) != columns or not row[0].isdecimal() or int(row[0]) not in labels:
                    raise ValueError(
                        f"expected {columns} columns, the first a label of {list(labels)}, got {row!r:.80}"
                    )
                rows.append((int(row[0]), " ".join(row[1:]).strip()))
        except (csv.Error, ValueError) as error:
            raise ValueError(f"{path}, line {reader.line_num}: {error}") from error
    if not rows:
        raise ValueError(f"{path} holds no rows")
    return rows


def check_split(split: str) -> None:
    """Raises ValueError unless the split is "train" or "test"."""
    if split not in SPLITS:
        raise ValueError(f"split is one of {SPLITS}, not {split!r}")
