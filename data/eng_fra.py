"""English-French sentence pairs of the Tatoeba project, as manythings.org/anki puts them together (CC BY 2.0)."""

import zipfile
from pathlib import Path

from data.fetch import DOWNLOADS, DataSet, DownloadError, download, locate

__all__ = ["load_eng_fra"]

URL = "https://download.pytorch.org/tutorial/data.zip"
MEMBER = "data/eng-fra.txt"
PAIRS = 135_842


def load_eng_fra(directory: str | Path | None = None, downloads: str | Path = DOWNLOADS) -> list[tuple[str, str]]:
    """(English, French) of every pair, as they are written; 135,842 in the edition of the seq2seq tutorial.

    Where the file comes from, see `data.fetch.locate`. No digest of the downloaded archive is known for certain: its
    own checksums and the number of pairs are compared instead. Raises MissingData, and ValueError for a damaged file.
    """
    return read_pairs(locate(ENG_FRA, "eng-fra.txt", directory, downloads))


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """(English, French) of every line of a file. Raises ValueError with the line that holds no pair."""
    pairs = []
    with path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            sides = line.rstrip("\r\n").split("\t")
            if len(sides) < 2:
                raise ValueError(f"{path}, line {number}: expected English, a tab and French, got {sides[0][:60]!r}")
            pairs.append((sides[0], sides[1]))  # newer editions add a column with the authors
    if not pairs:
        raise ValueError(f"{path} holds no pairs")
    return pairs


def _fetch(folder: Path) -> None:
    archive = folder / "data.zip"
    download(URL, archive)
    with zipfile.ZipFile(archive) as files:
        if MEMBER not in files.namelist():
            raise DownloadError(f"{URL} holds no {MEMBER}")
        (folder / "eng-fra.txt").write_bytes(files.read(MEMBER))
    archive.unlink()
    pairs = len(read_pairs(folder / "eng-fra.txt"))
    if pairs != PAIRS:
        raise DownloadError(f"{URL} holds {pairs:,} pairs, expected {PAIRS:,}")


ENG_FRA = DataSet("eng-fra", ("eng-fra.txt",), _fetch, "an excerpt of 2,000 real pairs")
