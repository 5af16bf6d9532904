"""`python -m data DIRECTORY [NAME ...]` downloads data sets into a data directory; what is there already is kept."""

import sys
from pathlib import Path

from data.ag_news import AG_NEWS
from data.cifar10 import CIFAR10
from data.eng_fra import ENG_FRA
from data.fetch import DownloadError, download_into
from data.imdb import IMDB

DATA_SETS = {dataset.name: dataset for dataset in (AG_NEWS, IMDB, ENG_FRA, CIFAR10)}


def main(arguments: list[str]) -> int:
    """Returns 0, 1 when a download failed, 2 for wrong usage."""
    names = arguments[1:] or list(DATA_SETS)
    if not arguments or arguments[0].startswith("-") or not set(names) <= set(DATA_SETS):
        print(f"usage: python -m data DIRECTORY [NAME ...]\nnames: {', '.join(DATA_SETS)}; all if none is given")
        return 2
    directory, failed = Path(arguments[0]), False
    for name in names:
        if not all((directory / file).is_file() for file in DATA_SETS[name].files):
            try:
                download_into(DATA_SETS[name], directory)
            except DownloadError as error:
                print(f"{name}: {error}", file=sys.stderr)
                failed = True
                continue
        print(f"{name}: {', '.join(str(directory / file) for file in DATA_SETS[name].files)}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
