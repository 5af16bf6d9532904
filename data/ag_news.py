"""AG_NEWS: news in four classes (Gulli; Zhang, Zhao, LeCun 2015)."""

from pathlib import Path

from data import labelled_csv
from data.fetch import DOWNLOADS, DataSet, download, locate

__all__ = ["load_ag_news"]

URL = "https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv/{split}.csv"
MD5 = {"train": "b1a00f826fdfbd249f79597b59e1dc12", "test": "d52ea96a97a2d943681189a97654912d"}


def load_ag_news(
    split: str, directory: str | Path | None = None, downloads: str | Path = DOWNLOADS
) -> list[tuple[int, str]]:
    """(label, text) of every row of a split, "train" or "test"; 120,000 and 7,600 rows in the canonical edition.

    Labels: 1 World, 2 Sports, 3 Business, 4 Sci/Tech. The text is the title and the description. Where the file comes
    from, see `data.fetch.locate`. Raises MissingData, and ValueError for another split or a damaged file.
    """
    labelled_csv.check_split(split)
    return labelled_csv.read(locate(AG_NEWS, f"ag_news/{split}.csv", directory, downloads), range(1, 5), columns=3)


def _fetch(folder: Path) -> None:
    for split in labelled_csv.SPLITS:
        download(URL.format(split=split), folder / "ag_news" / f"{split}.csv", MD5[split])


AG_NEWS = DataSet("ag_news", ("ag_news/train.csv", "ag_news/test.csv"), _fetch, "a small sample of GENERATED news")
