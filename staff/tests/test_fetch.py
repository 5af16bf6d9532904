"""Downloads, from a server of our own on 127.0.0.1: only what is complete and right gets its final name."""

import csv
import hashlib
import io
import pickle
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

import data
from data import ag_news, cifar10, eng_fra, fetch, imdb
from data.__main__ import main


class Server(ThreadingHTTPServer):
    """A server with `files` {path: bytes}; `cut` ends every answer early, `url(path)` is an address."""

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.cut: int | None = None
        self.announce = True

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        content = self.server.files.get(self.path)
        self.server.asked.append(self.path)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        if self.server.announce:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: self.server.cut])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv(fetch.DIRECTORY_VARIABLE, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    opened = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=opened.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield opened
    opened.shutdown()
    thread.join()
    opened.server_close()


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


NEWS = {"train": b'"3","Title","Text"\n', "test": b'"1","Other","News"\n'}


@pytest.fixture
def news(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server holds AG_NEWS."""
    server.files = {f"/{split}.csv": content for split, content in NEWS.items()}
    monkeypatch.setattr(ag_news, "URL", server.url("/{split}.csv"))
    monkeypatch.setattr(ag_news, "MD5", {split: md5(content) for split, content in NEWS.items()})
    return server


def test_downloaded_once_with_a_progress_bar(news: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    downloads = tmp_path / "new" / "folder"
    assert data.load_ag_news("train", downloads=downloads) == [(3, "Title Text")]
    assert data.load_ag_news("test", downloads=downloads) == [(1, "Other News")]
    assert news.asked == ["/train.csv", "/test.csv"]
    assert files(downloads) == ["ag_news", "ag_news/test.csv", "ag_news/train.csv"]
    shown = capsys.readouterr()
    assert "train.csv: 100%" in shown.err and shown.out == ""


@pytest.mark.parametrize("announce", [True, False])
def test_a_truncated_download_leaves_nothing(news: Server, tmp_path: Path, announce: bool) -> None:
    news.cut, news.announce = 9, announce  # without its length announced, the digest tells
    says = "ended after 9 of 19 bytes" if announce else "has the md5 "
    with pytest.warns(UserWarning, match=says):
        rows = data.load_ag_news("train", downloads=tmp_path)
    assert rows == data.load_ag_news("train", data.SAMPLES)
    assert files(tmp_path) == []
    news.cut = None
    assert data.load_ag_news("train", downloads=tmp_path) == [(3, "Title Text")]


def test_a_second_file_that_fails_takes_the_first_with_it(news: Server, tmp_path: Path) -> None:
    del news.files["/test.csv"]
    with pytest.raises(fetch.DownloadError, match="HTTPError: HTTP Error 404"):
        fetch.download_into(ag_news.AG_NEWS, tmp_path)
    assert files(tmp_path) == []


@pytest.mark.usefixtures("news")
def test_an_interrupted_download_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> NoReturn:
        (tmp_path / next(tmp_path.iterdir()).name / "half").write_bytes(b"half a file")
        raise KeyboardInterrupt

    monkeypatch.setattr(ag_news, "download", interrupt)
    with pytest.raises(KeyboardInterrupt):
        data.load_ag_news("train", downloads=tmp_path)
    assert files(tmp_path) == []


def test_other_content_is_refused(news: Server, tmp_path: Path) -> None:
    news.files["/train.csv"] = b'"3","Title","TEXT"\n'
    with pytest.raises(fetch.DownloadError, match=f"has the md5 {md5(news.files['/train.csv'])}, expected"):
        fetch.download_into(ag_news.AG_NEWS, tmp_path)


def test_an_older_copy_survives_a_failed_download(news: Server, tmp_path: Path) -> None:
    fetch.download_into(ag_news.AG_NEWS, tmp_path)
    news.cut = 3
    with pytest.raises(fetch.DownloadError):
        fetch.download_into(ag_news.AG_NEWS, tmp_path)
    assert data.load_ag_news("train", downloads=tmp_path) == [(3, "Title Text")]


def tar_of(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def test_reviews_become_the_rows_of_a_csv(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reviews = {
        f"aclImdb/{split}/{kind}/{n}_{n}.txt": f"{split} {kind} {n}, é\x85"
        for split in ("train", "test")
        for kind in ("pos", "neg")
        for n in range(4)
    }
    others = {"aclImdb/README": "x", "aclImdb/train/unsup/0_0.txt": "x", "aclImdb/train/urls_pos.txt": "x"}
    packed = tar_of({name: text.encode() for name, text in {**others, **reviews}.items()})
    server.files["/imdb.tar.gz"] = packed
    monkeypatch.setattr(imdb, "URL", server.url("/imdb.tar.gz"))
    monkeypatch.setattr(imdb, "MD5", md5(packed))
    rows = data.load_imdb("train", downloads=tmp_path)
    assert sorted(rows) == sorted(
        (int(kind == "pos"), f"train {kind} {n}, é") for n in range(4) for kind in ("pos", "neg")
    )
    labels = [label for label, _ in rows]
    assert labels not in (sorted(labels), sorted(labels, reverse=True))
    assert files(tmp_path) == ["imdb", "imdb/test.csv", "imdb/train.csv"]
    with (tmp_path / "imdb" / "test.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["label", "text"]


def test_batches_of_pictures_become_arrays(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for batch in cifar10.BATCHES.values() for name in batch]
    pixels = np.random.default_rng(0).integers(0, 256, (len(names), 2, 3, 32, 32), dtype=np.uint8)
    members = {
        f"cifar-10-batches-py/{name}": pickle.dumps({b"data": block.reshape(2, -1), b"labels": [number, number + 1]})
        for number, (name, block) in enumerate(zip(names, pixels, strict=True))
    }
    packed = tar_of(members)
    server.files["/cifar.tar.gz"] = packed
    monkeypatch.setattr(cifar10, "URL", server.url("/cifar.tar.gz"))
    monkeypatch.setattr(cifar10, "MD5", md5(packed))
    images, labels = data.load_cifar10("train", downloads=tmp_path)
    assert np.array_equal(images, pixels[:5].reshape(10, 3, 32, 32).transpose(0, 2, 3, 1))
    assert labels.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert data.load_cifar10("test", downloads=tmp_path)[1].tolist() == [5, 6]
    assert files(tmp_path) == ["cifar10.npz"]


def zip_of(members: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return packed.getvalue()


@pytest.fixture
def pairs(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server holds an archive of two pairs, and two are expected."""
    server.files["/data.zip"] = zip_of({"data/names/x.txt": "x", eng_fra.MEMBER: "Go.\tVa !\nRun!\tCours !\n"})
    monkeypatch.setattr(eng_fra, "URL", server.url("/data.zip"))
    monkeypatch.setattr(eng_fra, "PAIRS", 2)
    return server


@pytest.mark.usefixtures("pairs")
def test_pairs_are_taken_out_of_their_archive(tmp_path: Path) -> None:
    assert data.load_eng_fra(downloads=tmp_path) == [("Go.", "Va !"), ("Run!", "Cours !")]
    assert files(tmp_path) == ["eng-fra.txt"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (zip_of({eng_fra.MEMBER: "Go.\tVa !\n"}), "holds 1 pairs, expected 2"),
        (zip_of({"data/other.txt": "x"}), r"holds no data/eng-fra\.txt"),
        (zip_of({eng_fra.MEMBER: "Go.\tVa !\nRun!\tCours !\n"}).replace(b"Va !", b"Vb !"), "BadZipFile: Bad CRC-32"),
        (b"<html>moved</html>", "BadZipFile"),
        (zip_of({eng_fra.MEMBER: "one column\nanother\n"}), "ValueError: .*eng-fra.txt, line 1"),
    ],
    ids=["too few", "another archive", "damaged", "no archive", "no pairs"],
)
def test_another_archive_of_pairs_is_refused(pairs: Server, tmp_path: Path, content: bytes, says: str) -> None:
    pairs.files["/data.zip"] = content
    with pytest.raises(fetch.DownloadError, match=says):
        fetch.download_into(eng_fra.ENG_FRA, tmp_path)
    assert files(tmp_path) == []


# --- python -m data ---


@pytest.mark.usefixtures("news", "pairs")
def test_the_command_gets_what_is_missing(news: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "ag_news", "eng-fra"]) == 0
    assert main([str(tmp_path), "ag_news", "eng-fra"]) == 0
    assert news.asked == ["/train.csv", "/test.csv", "/data.zip"]
    assert f"eng-fra: {tmp_path / 'eng-fra.txt'}\n" in capsys.readouterr().out
    assert data.load_ag_news("test", tmp_path) == [(1, "Other News")]


@pytest.mark.usefixtures("news", "pairs")
def test_the_command_says_what_failed_and_goes_on(
    news: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    news.files.pop("/train.csv")
    assert main([str(tmp_path), "ag_news", "eng-fra"]) == 1
    shown = capsys.readouterr()
    assert "ag_news: HTTPError: HTTP Error 404" in shown.err and "eng-fra: " in shown.out
    assert files(tmp_path) == ["eng-fra.txt"]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["somewhere", "mnist"]])
def test_wrong_usage_of_the_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "names: ag_news, imdb, eng-fra, cifar10;" in capsys.readouterr().out
