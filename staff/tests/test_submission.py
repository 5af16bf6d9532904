"""Whatever a student hands in becomes a Submission, under caps, with a note for every oddity and never an exception."""

import re
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packers import ASSIGNMENT2, HW4, NOTEBOOKS, PACKERS, add, read, tarred, unpacked, wrapped, zipped

from autograder.intake import member
from autograder.intake.source import find, source_at
from autograder.intake.submission import submission_ids


@pytest.mark.parametrize("folder", ["", "notebooks/", "2024-20001/", "a/b c/과제/notebooks/", "./"])
@pytest.mark.parametrize(("name", "pack"), PACKERS)
def test_notebooks_are_found_wherever_they_lie(
    tmp_path: Path, name: str, pack: Callable[..., Path], folder: str
) -> None:
    found = read(pack(tmp_path / name, wrapped(folder)))
    assert found.notebooks == NOTEBOOKS
    assert (found.student_id, found.missing, found.error) == ("2024-20001", [], "")
    assert sorted(found.files) == sorted(wrapped(folder.removeprefix("./")))
    expected = [] if name.endswith(("zip", "1")) else [f"the archive is called '{name}'; expected <student ID>.zip"]
    assert found.notes == expected


def test_what_systems_add_is_no_part_of_the_submission(tmp_path: Path) -> None:
    clutter = {"__MACOSX/._hw4_rnn.ipynb": b"x", "._hw4_rnn.ipynb": b"x", ".DS_Store": b"x", "Thumbs.db": b"x"}
    clutter[".ipynb_checkpoints/hw4_rnn.ipynb"] = b"old"
    found = read(zipped(tmp_path / "2024-20001.zip", clutter | NOTEBOOKS))
    assert (found.notebooks, found.files, found.notes) == (NOTEBOOKS, list(NOTEBOOKS), [])


def test_missing_things_are_named_first(tmp_path: Path) -> None:
    files = {"2024-20001/Assignment2-1_RNN.ipynb": b"{}", "2024-20001/gru.ipynb": b"{}", "report.pdf": b""}
    found = read(tarred(tmp_path / "2024-20001 (1).tar.gz", files), ASSIGNMENT2)
    assert found.missing == ["Assignment2-2_Transformers.ipynb", "model_checkpoints/"]
    assert found.notes == [
        "missing: Assignment2-2_Transformers.ipynb, model_checkpoints/",
        "the archive is called '2024-20001 (1).tar.gz'; expected <student ID>.tar.gz",
        "other notebooks in it: '2024-20001/gru.ipynb'",
    ]


@pytest.mark.parametrize("entry", ["model_checkpoints/gru/best.pt", "x/model_checkpoints/"])
def test_a_required_folder_counts_with_and_without_files(tmp_path: Path, entry: str) -> None:
    files = {"Assignment2-1_RNN.ipynb": b"{}", "Assignment2-2_Transformers.ipynb": b"{}", entry: b""}
    assert read(zipped(tmp_path / "2024-20001.zip", files), ASSIGNMENT2).missing == []


def test_an_empty_folder_in_a_tar_counts(tmp_path: Path) -> None:
    path = tarred(tmp_path / "2024-20001.tar", {"Assignment2-1_RNN.ipynb": b"{}"}, "w")
    with tarfile.open(path, "a") as written:
        add(written, "x/model_checkpoints", kind=tarfile.DIRTYPE)
    found = read(path, ASSIGNMENT2)
    assert (found.missing, found.files) == (["Assignment2-2_Transformers.ipynb"], ["Assignment2-1_RNN.ipynb"])


def test_a_file_is_no_required_folder(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "2024-20001.zip", {"model_checkpoints": b"x"}), ASSIGNMENT2)
    assert "model_checkpoints/" in found.missing


# Names


def test_korean_names_without_the_utf8_flag_are_read(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.zip"
    with zipfile.ZipFile(path, "w") as written:
        written.writestr("xxxx/hw4_rnn.ipynb", b"{}")
        written.writestr("yyyyyy/hw4_vit.ipynb", b"{}")
    swapped = path.read_bytes().replace(b"xxxx", "과제".encode("cp949")).replace(b"yyyyyy", "과제".encode())
    path.write_bytes(swapped)
    assert read(path).files == ["과제/hw4_rnn.ipynb", "과제/hw4_vit.ipynb"]


def test_names_that_fit_no_encoding_are_kept_readable() -> None:
    assert member.decode_name(b"\xff\xfe.ipynb").endswith(".ipynb")


def test_names_are_composed(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "숙제")
    found = read(tarred(tmp_path / f"{decomposed}_2024-20001.tar", wrapped(f"{decomposed}/"), "w"))
    assert found.files[0] == "숙제/hw4_rnn.ipynb"
    assert found.notes == ["the archive is called '숙제_2024-20001.tar'; expected <student ID>.zip"]


def test_tar_names_in_cp949_are_read(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar"
    with tarfile.open(path, "w", encoding="cp949", format=tarfile.GNU_FORMAT) as written:
        add(written, "과제/hw4_rnn.ipynb", b"{}")
    assert read(path).files == ["과제/hw4_rnn.ipynb"]


def test_names_that_leave_the_archive_are_shortened(tmp_path: Path) -> None:
    files = {"../../hw4_rnn.ipynb": b"{}", "/etc/hw4_vit.ipynb": b"{}", "C:\\hw\\hw4_seq2seq.ipynb": b"{}"}
    found = read(zipped(tmp_path / "2024-20001.zip", files))
    assert found.files == ["hw4_rnn.ipynb", "etc/hw4_vit.ipynb", "hw/hw4_seq2seq.ipynb"]
    assert found.missing == []
    assert found.notes == [
        "names that point outside the archive were shortened: 'hw4_rnn.ipynb', 'etc/hw4_vit.ipynb', "
        "'hw/hw4_seq2seq.ipynb'"
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2024-20001.zip"]


def test_a_browsers_number_and_capitals_are_repaired(tmp_path: Path) -> None:
    files = {"hw4_rnn (1).ipynb": b"{}", "HW4_VIT.IPYNB": b"{}", "hw4_seq2seq.ipynb": b"{}"}
    found = read(zipped(tmp_path / "2024-20001.zip", files))
    assert found.missing == []
    assert found.notes == ["'hw4_rnn (1).ipynb' was read as hw4_rnn.ipynb", "'HW4_VIT.IPYNB' was read as hw4_vit.ipynb"]


@pytest.mark.parametrize("backwards", [False, True])
def test_of_two_copies_the_one_named_and_placed_best_is_graded(tmp_path: Path, backwards: bool) -> None:
    copies = [("old/a/hw4_rnn.ipynb", b"deep"), ("hw/hw4_rnn.ipynb", b"best"), ("hw4_rnn (2).ipynb", b"numbered")]
    files = dict(reversed(copies) if backwards else copies)
    found = read(tarred(tmp_path / "2024-20001.tar.gz", files))
    assert found.notebooks["hw4_rnn.ipynb"] == b"best"
    (note,) = [note for note in found.notes if "another copy" in note]
    assert "'old/a/hw4_rnn.ipynb'" in note and "'hw4_rnn (2).ipynb'" in note


def test_terminal_escapes_and_markup_do_not_survive_in_names(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "2024-20001.zip", {"\x1b[31mred\x1b[0m\u202e/hw4_rnn.ipynb": b"{}"}))
    assert found.files == ["red/hw4_rnn.ipynb"]


# Student IDs


@pytest.mark.parametrize(
    ("name", "folder", "student_id", "note"),
    [
        ("2024-20001.zip", "hw4/", "2024-20001", ""),
        ("kim_2024-20001.zip", "", "2024-20001", "the archive is called 'kim_2024-20001.zip'"),
        ("homework.zip", "x/2024-20002/", "2024-20002", "student ID 2024-20002 taken from the name of a folder"),
        ("homework.zip", "hw4/", "", "no student ID in the name of the archive or of a folder in it"),
        ("2024-20001.zip", "2024-20002/", "2024-20001", "several student IDs in the names: '2024-20001', '2024-20002'"),
    ],
)
def test_the_student_id_comes_from_the_archive_then_its_folders(
    tmp_path: Path, name: str, folder: str, student_id: str, note: str
) -> None:
    found = read(zipped(tmp_path / name, wrapped(folder)))
    assert found.student_id == student_id
    assert note in "; ".join(found.notes)
    assert found.notebooks == NOTEBOOKS
    assert (name == "2024-20001.zip") == (not any("expected <student ID>.zip" in one for one in found.notes))


def test_an_unpacked_folders_own_name_gives_the_student_id(tmp_path: Path) -> None:
    assert read(unpacked(tmp_path / "kim_2024-20003", NOTEBOOKS)).student_id == "2024-20003"


# Finding submissions


def names(path: Path) -> list[str]:
    return [entry.name for entry in find(path, HW4)]


def test_one_archive_and_one_folder_are_one_submission(tmp_path: Path) -> None:
    single = zipped(tmp_path / "whatever.zip", NOTEBOOKS)
    assert find(single, HW4) == [source_at(single, HW4)]
    for name, files in {
        "by content": NOTEBOOKS,
        "in notebooks": wrapped("notebooks/"),
        "2024-20001": {"x/y/hw4_rnn.ipynb": b"{}", "data.zip": b""},
    }.items():
        assert names(unpacked(tmp_path / name, files)) == [name]


def test_a_folder_of_submissions_gives_every_file_a_row(tmp_path: Path) -> None:
    files = {"2024-20001.zip": b"", "b.tar.gz": b"", "notes.txt": b"", ".DS_Store": b"", "__MACOSX/x": b""}
    files |= {"2024-20002/hw4_rnn.ipynb": b"{}", "hw4_vit.ipynb": b"{}"}
    folder = unpacked(tmp_path / "class", files)
    assert names(folder) == ["2024-20001.zip", "2024-20002", "b.tar.gz", "hw4_vit.ipynb", "notes.txt"]


def test_a_folder_of_folders_is_a_class(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "class", {"kim/hw4_rnn.ipynb": b"{}", "lee/notebooks/hw4_rnn.ipynb": b"{}"})
    assert names(folder) == ["kim", "lee"]


def test_a_folder_named_by_its_student_that_holds_an_archive_is_opened(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "2024-20001", {"2024-20001.zip": b""})
    assert names(folder) == ["2024-20001.zip"]


def test_the_current_folder_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(unpacked(tmp_path / "2024-20001", NOTEBOOKS))
    assert names(Path()) == ["2024-20001"]


def test_nothing_at_the_path_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        find(tmp_path / "nowhere", HW4)
    assert find(unpacked(tmp_path / "empty", {}), HW4) == []


def test_ids_are_safe_and_unique() -> None:
    given_names = ["2024-20001.zip", "2024-20001.TAR.GZ", "2024-20001", "홍길동.zip", "김철수.zip", "../x", "notes.txt"]
    found = submission_ids([*given_names[:5], "..evil <b>.zip", "notes.txt"])
    assert found[0] == "2024-20001"
    assert found[-2:] == ["evil-b", "notes.txt"]
    assert len({one.lower() for one in found}) == len(found)
    assert all(re.fullmatch(r"\w[\w.-]*", one) for one in found)


def test_ids_differ_where_case_is_ignored_and_names_repeat() -> None:
    found = submission_ids(["A.zip", "a.zip", "a.zip", "a.zip"])
    assert found[0] == "A"
    assert len({one.lower() for one in found}) == 4


def test_long_ids_are_cut_at_a_character_and_stay_apart() -> None:
    short, long = "가" * 50, "𠮷" * 60
    found = submission_ids([f"{name}.zip" for name in (short, long, f"{long}a", f"{long}b")])
    assert found[0] == short  # 150 bytes: a key of yesterday's gradebooks
    assert all(re.fullmatch("𠮷{35}~[0-9a-f]{8}", one) for one in found[1:]) and len(set(found)) == 4


@pytest.mark.slow
@settings(derandomize=True, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=120), max_size=8))
def test_any_names_give_ids(found_names: list[str]) -> None:
    found = submission_ids(found_names)
    assert len({one.casefold() for one in found}) == len(found_names)
    assert all(re.fullmatch(r"\w[\w.~-]*", one) and len(one.encode()) <= 160 for one in found)
