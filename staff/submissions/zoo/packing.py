"""How things are packed: formats, archives in archives, what systems add, folders around the notebooks."""

import archives

from zoo import crafted
from zoo.entry import (
    BOTH,
    HW4,
    RNN,
    SHEETS,
    TAR,
    THREE,
    VIT,
    WHO,
    ZIP,
    Entry,
    Row,
    complete,
    complete2,
    tarred,
    unreadable,
    without,
    zipped,
)


def entries() -> list[Entry]:
    """Formats, wrappings, clutter."""
    return [*_formats(), *_wrapped(), *_clutter()]


def _formats() -> list[Entry]:
    return [
        Entry("as-asked-zip", "as the handout of homework 4 asks", zipped(THREE), complete()),
        Entry("as-asked-tar", "as the handout of assignment 2 asks", tarred(BOTH), complete2(), "assignment2"),
        Entry(
            "zip-called-tar",
            "a zip archive called .tar.gz, as assignment 2 asks to call it",
            zipped(BOTH, TAR),
            complete2(
                f"the archive is called '{TAR}' but is a zip archive; it was read as one", repairs=("archive format",)
            ),
            "assignment2",
        ),
        Entry(
            "tar-called-zip",
            "a tar.gz archive called .zip, as homework 4 asks to call it",
            tarred(THREE, ZIP),
            complete(
                f"the archive is called '{ZIP}' but is a tar.gz archive; it was read as one",
                repairs=("archive format",),
            ),
        ),
        Entry(
            "tar-instead-of-zip",
            "an honest tar.gz archive where a zip archive is asked for",
            tarred(THREE),
            complete(f"the archive is called '{TAR}'; expected <student ID>.zip", repairs=("archive name",)),
        ),
        Entry(
            "plain-tar",
            "a tar archive that is not compressed",
            lambda: {f"{WHO}.tar": crafted.plain_tar(BOTH, {})},
            complete2(f"the archive is called '{WHO}.tar'; expected <student ID>.tar.gz", repairs=("archive name",)),
            "assignment2",
        ),
        Entry(
            "bare-notebook",
            "one notebook without an archive, beside another student's archive",
            lambda: {VIT: SHEETS[VIT], "2024-20002.zip": archives.pack("x.zip", THREE)},
            (
                Row("2024-20002", "2024-20002", HW4),
                Row(
                    "hw4_vit",
                    "",
                    (VIT,),
                    HW4[:2],
                    (
                        f"missing: {', '.join(HW4[:2])}",
                        "a notebook without an archive around it; expected <student ID>.zip",
                        "no student ID in the name of the archive or of a folder in it",
                    ),
                    ("no archive",),
                ),
            ),
        ),
        Entry(
            "unpacked-folder",
            "a folder that somebody has unpacked",
            lambda: {f"{WHO}/notebooks/{name}": SHEETS[name] for name in HW4},
            complete(),
        ),
    ]


def _wrapped() -> list[Entry]:
    tar_inside = "the archive holds only another archive, '2024-20001.tar.gz', which was opened"
    return [
        Entry(
            "tar-in-zip",
            "the tar.gz archive that was asked for, inside of a zip archive",
            lambda: {ZIP: archives.pack("x.zip", {TAR: archives.pack("x.tar.gz", BOTH)})},
            complete2(
                f"the archive is called '{ZIP}'; expected <student ID>.tar.gz",
                tar_inside,
                repairs=("archive name", "wrapping"),
            ),
            "assignment2",
        ),
        Entry(
            "zip-in-zip",
            "the archive packed twice, in a folder, on a Mac",
            lambda: {
                ZIP: archives.pack(
                    "x.zip",
                    archives.with_macos_junk({f"{WHO}/{ZIP}": archives.pack("x.zip", THREE)}, f"{WHO}/"),
                )
            },
            complete(f"the archive holds only another archive, '{ZIP}', which was opened", repairs=("wrapping",)),
        ),
        Entry(
            "zip-in-folder",
            "a folder for the student that holds the archive, beside another student's",
            lambda: {f"{who}/{who}.zip": archives.pack("x.zip", THREE) for who in (WHO, "2024-20002")},
            tuple(
                Row(who, who, HW4, notes=(f"the folder holds only the archive '{who}.zip', which was opened",))
                for who in (WHO, "2024-20002")
            ),
        ),
        Entry(
            "archives-beside-each-other",
            "one archive for each notebook, in an archive",
            lambda: {
                ZIP: archives.pack(
                    "x.zip", {f"{name[:-6]}.zip": archives.pack("x.zip", {name: SHEETS[name]}) for name in HW4}
                )
            },
            without(
                *HW4,
                notes=(
                    "archives inside the submission are not opened: 'hw4_rnn.zip', 'hw4_seq2seq.zip', 'hw4_vit.zip'",
                ),
            ),
        ),
        Entry(
            "data-archive-beside-notebooks",
            "the data set in an archive of its own beside the notebooks, which matters to nobody",
            zipped({"data.zip": archives.pack("x.zip", {"train.csv": b"1,2\n"}), **THREE}),
            complete(),
        ),
        Entry(
            "folders-two-deep",
            "a folder in a folder around everything",
            tarred({f"딥러닝/과제 2/{name}": content for name, content in BOTH.items()}),
            complete2(),
            "assignment2",
        ),
    ]


def _clutter() -> list[Entry]:
    windows = {"Thumbs.db": b"\xd0\xcf\x11\xe0", "desktop.ini": b"[.ShellClassInfo]\r\n", f"~${RNN}": b"\0"}
    return [
        Entry(
            "macos",
            "packed by the Finder: __MACOSX, ._hw4_rnn.ipynb, .DS_Store",
            zipped(archives.with_macos_junk({f"{WHO}/{name}": SHEETS[name] for name in HW4}, f"{WHO}/")),
            complete(),
        ),
        Entry(
            "macos-only",
            "what the Finder adds, and nothing else",
            zipped({".DS_Store": b"\0\0\0\1Bud1", f"__MACOSX/._{RNN}": archives.RESOURCE_FORK}),
            unreadable("there is no file in it"),
        ),
        Entry("windows", "what Windows and Word add", zipped({**windows, **THREE}), complete()),
        Entry(
            "repository",
            "a whole working folder: version control, an environment, caches",
            zipped(
                {
                    ".git/HEAD": b"ref: refs/heads/main\n",
                    f".git/lfs/{RNN}": b"old",
                    f".venv/share/{RNN}": b"old",
                    "__pycache__/data.cpython-311.pyc": b"\xa7\r\r\n",
                    ".ipynb_checkpoints/hw4_rnn-checkpoint.ipynb": b"old",
                    **THREE,
                }
            ),
            complete(),
        ),
    ]
