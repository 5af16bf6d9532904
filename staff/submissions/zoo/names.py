"""Names as students, browsers and systems write them."""

import unicodedata

import archives

from zoo import crafted
from zoo.entry import (
    BOTH,
    HW4,
    RNN,
    SEQ2SEQ,
    SHEETS,
    TAR,
    THREE,
    VIT,
    WHO,
    ZIP,
    Entry,
    complete,
    complete2,
    zipped,
)

KOREAN = "딥러닝 과제4 제출"
DECOMPOSED = unicodedata.normalize("NFD", KOREAN)
LONG = "아주 긴 이름의 과제 폴더 " * 5


def entries() -> list[Entry]:
    """Encodings of names, then names of archives, then names of notebooks."""
    return [*_encodings(), *_of_archives(), *_of_notebooks()]


def _encodings() -> list[Entry]:
    inside = {f"{KOREAN}/{name}": SHEETS[name] for name in HW4}
    return [
        Entry("cp949", "packed by Windows in Korea: names in cp949", zipped(inside, code_page="cp949"), complete()),
        Entry(
            "cp949-tar",
            "the same in a tar.gz archive",
            lambda: {
                TAR: crafted.gzipped(
                    crafted.plain_tar({f"과제2/{name}": content for name, content in BOTH.items()}, {}, "cp949")
                )
            },
            complete2(),
            "assignment2",
        ),
        Entry(
            "decomposed",
            "packed by a Mac: Korean letters in pieces, in the archive's own name too",
            zipped({f"{DECOMPOSED}/{name}": SHEETS[name] for name in HW4}, f"{DECOMPOSED}_{WHO}.zip"),
            complete(
                f"the archive is called '{KOREAN}_{WHO}.zip'; expected <student ID>.zip",
                repairs=("archive name",),
                submission=f"딥러닝-과제4-제출_{WHO}",
            ),
        ),
        Entry(
            "no-encoding",
            "a folder whose name is in no encoding at all",
            lambda: {
                ZIP: archives.pack("x.zip", {f"xxxx/{n}": SHEETS[n] for n in HW4}).replace(b"xxxx", b"\xff\xfe\x80\xff")
            },
            complete(),
        ),
        Entry(
            "terminal-escapes",
            "names that would paint the terminal and turn text around",
            zipped(
                {
                    f"\x1b[31m<b>red</b>\x1b[0m\u202e/\x1b]0;title\x07{name[:4]}\x1b[0m{name[4:]}": SHEETS[name]
                    for name in HW4
                }
            ),
            complete(),
        ),
        Entry(
            "long-names",
            "a folder with a name of more than 200 bytes, many times",
            zipped({f"{LONG}/{LONG}/{LONG}/{name}": SHEETS[name] for name in HW4}),
            complete(),
        ),
    ]


def _of_archives() -> list[Entry]:
    called = "the archive is called '{}'; expected <student ID>.zip"
    return [
        Entry(
            "upper-case",
            "extensions in capitals",
            zipped({name.upper(): SHEETS[name] for name in HW4}, f"{WHO}.ZIP"),
            complete(
                called.format(f"{WHO}.ZIP"),
                *(f"'{name.upper()}' was read as {name}" for name in HW4),
                repairs=("archive name", *["notebook name"] * 3),
            ),
        ),
        Entry(
            "spaces-and-parentheses",
            "blanks and parentheses in the names of archive and folders",
            zipped({f"hw4 (final) (2)/note books/{name}": SHEETS[name] for name in HW4}, f"hw4 {WHO} (final).zip"),
            complete(
                called.format(f"hw4 {WHO} (final).zip"),
                repairs=("archive name",),
                submission=f"hw4-{WHO}-final",
            ),
        ),
        Entry(
            "extension-twice",
            "Windows hides extensions, so the student writes one more",
            zipped(THREE, f"{WHO}.zip.zip"),
            complete(called.format(f"{WHO}.zip.zip"), repairs=("archive name",), submission=f"{WHO}.zip"),
        ),
        Entry(
            "no-extension",
            "an archive without any extension",
            lambda: {WHO: archives.pack("x.zip", THREE)},
            complete(called.format(WHO), repairs=("archive name",)),
        ),
    ]


def _of_notebooks() -> list[Entry]:
    numbered = {"hw4_rnn (1).ipynb": RNN, "hw4_seq2seq(2).ipynb": SEQ2SEQ, "hw4_vit-1.ipynb": VIT}
    return [
        Entry(
            "numbered-notebooks",
            "numbers of a browser and of an LMS behind the names",
            zipped({given: SHEETS[name] for given, name in numbered.items()}),
            complete(
                *(f"'{given}' was read as {name}" for given, name in numbered.items()),
                repairs=("notebook name",) * 3,
            ),
        ),
        Entry(
            "duplicate-notebooks",
            "old versions beside the one that counts: rightly named and least buried",
            zipped({f"old/{RNN}": b"{}", "hw4_rnn (1).ipynb": b"{}", f"old/older/{VIT}": b"{}", **THREE}),
            complete(
                f"not graded, since there is another copy: 'hw4_rnn (1).ipynb', 'old/{RNN}', 'old/older/{VIT}'",
                repairs=("copies",),
            ),
        ),
        Entry(
            "duplicate-members",
            "two members of exactly the same name: the last is taken, as when they are unpacked",
            lambda: {ZIP: archives.pack("x.zip", {**THREE, "hw4_rmm.ipynb": b"{}"}).replace(b"hw4_rmm", b"hw4_rnn")},
            complete(f"not graded, since there is another copy: '{RNN}'", repairs=("copies",)),
            contents={RNN: b"{}"},
        ),
        Entry(
            "notebook-is-a-folder",
            "a folder called like a notebook, with the notebook in it",
            zipped({f"{name}/{name}": SHEETS[name] for name in HW4}),
            complete(),
        ),
    ]
