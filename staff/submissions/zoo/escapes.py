"""Archives that reach for what is not theirs: paths out of their folder, links, devices."""

import tarfile

from zoo import crafted
from zoo.entry import (
    BOTH,
    CHECKPOINTS,
    GRU,
    HW4,
    RNN,
    SEQ2SEQ,
    SHEETS,
    SWIN,
    TAR,
    VIT,
    WHO,
    ZIP,
    Entry,
    Row,
    complete,
    complete2,
    without,
    zipped,
)

SHORTENED = "names that point outside the archive were shortened: "
WINDOWS = ", ".join(f"'Users/학생/{name}'" for name in HW4)
ONLY_SWIN = {SWIN: SHEETS[SWIN], f"{CHECKPOINTS}report.md": b""}


def entries() -> list[Entry]:
    """Paths, then links and devices."""
    return [*_paths(), *_links(), *_special()]


def _paths() -> list[Entry]:
    return [
        Entry(
            "path-traversal",
            "members that climb out of the folder they are unpacked to",
            zipped({f"../../{RNN}": SHEETS[RNN], f"a/../../{SEQ2SEQ}": SHEETS[SEQ2SEQ], VIT: SHEETS[VIT]}),
            complete(f"{SHORTENED}'{RNN}', 'a/{SEQ2SEQ}'", repairs=("paths",)),
        ),
        Entry(
            "absolute-paths",
            "members with absolute paths",
            zipped({f"/etc/{RNN}": SHEETS[RNN], f"/var/hw4/{SEQ2SEQ}": SHEETS[SEQ2SEQ], f"//{VIT}": SHEETS[VIT]}),
            complete(f"{SHORTENED}'etc/{RNN}', 'var/hw4/{SEQ2SEQ}', '{VIT}'", repairs=("paths",)),
        ),
        Entry(
            "drive-letters",
            "members with the paths of a Windows machine",
            zipped({f"C:\\Users\\학생\\{name}": SHEETS[name] for name in HW4}),
            complete(f"{SHORTENED}{WINDOWS}", repairs=("paths",)),
        ),
        Entry(
            "backslashes",
            "folders separated as Windows does, which is nothing to complain of",
            zipped({f"{WHO}\\notebooks\\{name}": SHEETS[name] for name in HW4}),
            complete(),
        ),
    ]


def _links() -> list[Entry]:
    return [
        Entry(
            "zip-symlink",
            "a notebook that is a link to a file of the grader's",
            lambda: {ZIP: crafted.zip_with_link({name: SHEETS[name] for name in HW4[1:]}, RNN, "/etc/passwd")},
            without(RNN, notes=(f"not read (symbolic link): '{RNN}'",)),
        ),
        Entry(
            "tar-symlink",
            "a notebook that is a link, and a folder that is one",
            lambda: {
                TAR: crafted.tar(BOTH, {f"x/{GRU}": (tarfile.SYMTYPE, "/etc/passwd"), "all": (tarfile.SYMTYPE, "/")})
            },
            complete2(f"not read (symbolic link): 'x/{GRU}', 'all'"),
            "assignment2",
        ),
        Entry(
            "tar-hardlink",
            "a hard link to a file of the grader's, and one to the other notebook",
            lambda: {
                TAR: crafted.tar(
                    ONLY_SWIN, {GRU: (tarfile.LNKTYPE, "/etc/passwd"), f"x/{SWIN}": (tarfile.LNKTYPE, SWIN)}
                )
            },
            (Row(WHO, WHO, (SWIN,), (GRU,), (f"missing: {GRU}", f"not read (hard link): '{GRU}', 'x/{SWIN}'")),),
            "assignment2",
        ),
        Entry(
            "folder-links",
            "an unpacked folder with links out of it",
            lambda: {f"{WHO}/{name}": SHEETS[name] for name in HW4[1:]},
            without(RNN, notes=(f"not read (symbolic link): 'all', '{RNN}'",)),
            links={f"{WHO}/{RNN}": "/etc/passwd", f"{WHO}/all": "/"},
        ),
        Entry(
            "folder-of-one-link",
            "a folder that holds nothing but a link to somebody else's archive",
            lambda: {f"2024-20002/{name}": SHEETS[name] for name in HW4},
            (
                Row(
                    WHO,
                    WHO,
                    error=f"'{WHO}' cannot be read: there is no file in it",
                    notes=(f"not read (symbolic link): '{ZIP}'",),
                ),
                Row("2024-20002", "2024-20002", HW4),
            ),
            links={f"{WHO}/{ZIP}": "../2024-20002"},
        ),
    ]


def _special() -> list[Entry]:
    devices = {"tty": (tarfile.CHRTYPE, ""), "disk": (tarfile.BLKTYPE, ""), f"x/{GRU}": (tarfile.FIFOTYPE, "")}
    return [
        Entry(
            "tar-devices",
            "a terminal, a disk and a pipe",
            lambda: {TAR: crafted.tar(BOTH, devices)},
            complete2(f"not read (special file): 'tty', 'disk', 'x/{GRU}'"),
            "assignment2",
        ),
        Entry(
            "tar-sparse",
            "a notebook that says it has a hole of a pebibyte",
            lambda: {TAR: crafted.sparse_tar(ONLY_SWIN, GRU)},
            (Row(WHO, WHO, (SWIN,), (GRU,), (f"missing: {GRU}", f"not read (sparse file): '{GRU}'")),),
            "assignment2",
        ),
    ]
