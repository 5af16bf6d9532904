"""IMDB: large movie reviews, positive and negative (Maas et al. 2011)."""

import csv
import random
import tarfile
from pathlib import Path

from data import labelled_csv
from data.fetch import DOWNLOADS, DataSet, download, locate

__all__ = ["load_imdb"]

URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
MD5 = "7c2ac02c03563afcf9b574c7e56c153a"
LABELS = {"neg": 0, "pos": 1}


def load_imdb(
    split: str, directory: str | Path | None = None, downloads: str | Path = DOWNLOADS
) -> list[tuple[int, str]]:
    """(label, text) of every review of a split, "train" or "test"; 25,000 each in the canonical edition.

    Labels: 0 negative, 1 positive (torchtext's own are 1 and 2). Where the file comes from, see `data.fetch.locate`.
    Raises MissingData, and ValueError for another split or a damaged file.
    """
    labelled_csv.check_split(split)
    return labelled_csv.read(locate(IMDB, f"imdb/{split}.csv", directory, downloads), range(2), columns=2)


def _fetch(folder: Path) -> None:
    archive = folder / "aclImdb_v1.tar.gz"
    download(URL, archive, MD5)
    rows: dict[str, list[tuple[int, str]]] = {split: [] for split in labelled_csv.SPLITS}
    with tarfile.open(archive) as reviews:
        for member in reviews:
            parts = Path(member.name).parts  # aclImdb/train/pos/123_8.txt; unsup/ holds reviews without a label
            if len(parts) == 4 and parts[1] in rows and parts[2] in LABELS and (text := reviews.extractfile(member)):
                rows[parts[1]].append((LABELS[parts[2]], text.read().decode("utf-8")))
    archive.unlink()
    (folder / "imdb").mkdir()
    for split, reviews_of_split in rows.items():
        random.Random(0).shuffle(reviews_of_split)  # the archive holds one label after the other
        with (folder / "imdb" / f"{split}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([("label", "text"), *reviews_of_split])


IMDB = DataSet("imdb", ("imdb/train.csv", "imdb/test.csv"), _fetch, "a small sample of GENERATED reviews")
