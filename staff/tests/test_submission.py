"""Whatever a student hands in becomes a Submission, under caps, with a note for every oddity and never an exception."""

import gzip
import io
import json
import os
import re
import struct
import tarfile
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course.manifest import Assignment, project_root
from autograder.course.manifest import load as load_manifest
from autograder.intake import archive, handout, member, submission, substitutes
from autograder.intake.handout import NOTHING, Handout
from autograder.intake.submission import Submission, SubmissionState, find, load, submission_ids
from autograder.intake.substitutes import notebook_of
from autograder.models.saved_files import save_models
from autograder.notebook.repair import Kind

ASSIGNMENTS = load_manifest(project_root(Path(__file__).parent))
HW4 = ASSIGNMENTS["hw4"]
ASSIGNMENT2 = ASSIGNMENTS["assignment2"]
NOTEBOOKS = {"hw4_rnn.ipynb": b'{"rnn": 1}', "hw4_seq2seq.ipynb": b'{"seq2seq": 1}', "hw4_vit.ipynb": b'{"vit": 1}'}
MIB = 1 << 20


def zipped(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as written:
        for name, content in files.items():
            written.writestr(name, content)
    return path


def tarred(path: Path, files: Mapping[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as written:  # type: ignore[call-overload]
        for name, content in files.items():
            add(written, name, content)
    return path


def add(
    written: tarfile.TarFile, name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(content), kind, link
    written.addfile(info, io.BytesIO(content))


def unpacked(path: Path, files: Mapping[str, bytes]) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def wrapped(folder: str, files: Mapping[str, bytes] = NOTEBOOKS) -> dict[str, bytes]:
    return {folder + name: content for name, content in files.items()}


def read(path: Path, assignment: Assignment = HW4) -> Submission:
    return load(path, "id", assignment)


def kinds(found: Submission) -> list[Kind]:
    assert all(repair.note in found.notes for repair in found.repairs)
    return [repair.kind for repair in found.repairs if repair.kind not in (Kind.ARCHIVE_NAME, Kind.ARCHIVE_FORMAT)]


PACKERS: list[tuple[str, Callable[[Path, Mapping[str, bytes]], Path]]] = [
    ("2024-20001.zip", zipped),
    ("2024-20001.tar.gz", tarred),
    ("2024-20001.tar", lambda path, files: tarred(path, files, "w")),
    ("2024-20001", unpacked),
]


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


# Formats


def test_the_content_decides_what_an_archive_is(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "2024-20001.tar.gz", NOTEBOOKS), HW4)
    assert found.notebooks == NOTEBOOKS
    assert "the archive is called '2024-20001.tar.gz' but is a zip archive; it was read as one" in found.notes
    found = read(tarred(tmp_path / "2024-20001.zip", NOTEBOOKS))
    assert found.notebooks == NOTEBOOKS
    assert found.notes == ["the archive is called '2024-20001.zip' but is a tar.gz archive; it was read as one"]


def test_a_bare_notebook_is_graded(tmp_path: Path) -> None:
    path = tmp_path / "hw4_vit.ipynb"
    path.write_bytes(b"\xef\xbb\xbf {}")
    found = read(path)
    assert found.notebooks == {"hw4_vit.ipynb": b"\xef\xbb\xbf {}"}
    assert "a notebook without an archive around it; expected <student ID>.zip" in found.notes


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "it is empty (0 bytes)"),
        (b"I forgot to attach it", "it is no archive"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "it is a 7z archive"),
        (b"Rar!\x1a\x07\x01\0", "it is a rar archive"),
        (b"ALZ\x01\x0a\0\0\0", "it is an alz archive"),
        (b"%PDF-1.7", "it is a PDF document"),
        (b"PK\x03\x04" + bytes(60), "it is a damaged or incomplete zip archive"),
        (b"PK\x05\x06" + bytes(18), "there is no file in it"),
        (gzip.compress(b"not a tar archive"), "it is a gzip file without a tar archive in it"),
        (gzip.compress(bytes(2000))[:12], "it is damaged (Compressed file ended before the end-of-stream marker"),
        (b"\x1f\x8b\x08\0" + bytes(20), "it is damaged"),
        (bytes(257) + b"ustar" + bytes(600), "it is damaged"),
    ],
)
def test_a_file_that_is_no_archive_says_what_it_is(tmp_path: Path, content: bytes, error: str) -> None:
    path = tmp_path / "2024-20001.zip"
    path.write_bytes(content)
    found = read(path)
    assert found.error.startswith("'2024-20001.zip' cannot be read: ")
    assert error in found.error
    assert (found.notebooks, found.missing, found.student_id) == ({}, [], "2024-20001")
    assert str(tmp_path) not in found.error


@pytest.mark.parametrize(("name", "pack"), PACKERS)
def test_nothing_inside_is_an_error(tmp_path: Path, name: str, pack: Callable[..., Path]) -> None:
    assert read(pack(tmp_path / name, {})).error.endswith("there is no file in it")


def test_pipes_and_absent_files_do_not_stop_the_grader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    assert "neither a regular file nor a folder" in read(tmp_path / "pipe.zip").error
    found = read(tmp_path / "gone.zip")
    assert found.error == "'gone.zip' cannot be read: it is damaged (No such file or directory)"
    assert found.state is SubmissionState.UNREADABLE


# Archives in archives


@pytest.mark.parametrize(("outer", "pack"), PACKERS)
@pytest.mark.parametrize(("inner", "pack_inner"), PACKERS[:3])
def test_an_archive_that_is_all_there_is_is_opened(
    tmp_path: Path, outer: str, pack: Callable[..., Path], inner: str, pack_inner: Callable[..., Path]
) -> None:
    content = pack_inner(tmp_path / f"inner-{inner}", NOTEBOOKS).read_bytes()
    found = read(pack(tmp_path / outer, {inner: content}))
    assert (found.notebooks, found.missing, found.error) == (NOTEBOOKS, [], "")
    if outer == "2024-20001":
        assert f"the folder holds only the archive '{inner}', which was opened" in found.notes
        assert Kind.WRAPPING not in kinds(found)
    else:
        assert f"the archive holds only another archive, '{inner}', which was opened" in found.notes
        assert Kind.WRAPPING in kinds(found)


def test_what_systems_add_does_not_hide_that_an_archive_is_all_there_is(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", NOTEBOOKS).read_bytes()
    files = {"hw/.DS_Store": b"x", "hw/2024-20001.ZIP": inner, "__MACOSX/hw/._2024-20001.ZIP": b"x"}
    assert read(zipped(tmp_path / "2024-20001.zip", files)).notebooks == NOTEBOOKS


def test_archives_beside_other_files_are_pointed_out(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", NOTEBOOKS).read_bytes()
    for files in ({"a.zip": inner, "b.txt": b""}, {"b.txt": b"", "a.zip": inner}, {"a.zip": inner, "b.zip": inner}):
        found = read(zipped(tmp_path / "2024-20001.zip", files))
        assert found.notes[-1].startswith("archives inside the submission are not opened: 'a.zip'")
        assert found.missing == list(NOTEBOOKS)


def test_archives_are_opened_one_deep(tmp_path: Path) -> None:
    content = zipped(tmp_path / "inner.zip", NOTEBOOKS).read_bytes()
    for _ in range(2):
        content = zipped(tmp_path / "inner.zip", {"x.zip": content}).read_bytes()
    (tmp_path / "2024-20001.zip").write_bytes(content)
    found = read(tmp_path / "2024-20001.zip")
    assert found.missing == list(NOTEBOOKS)
    assert found.notes[-1] == "archives inside the submission are not opened: 'x.zip'"


def test_a_broken_archive_in_a_sound_one_says_which_is_broken(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "2024-20001.zip", {"x.zip": b"I forgot"}))
    assert found.error.startswith("'2024-20001.zip' cannot be read: the archive inside: it is no archive")


def test_an_inner_archive_that_is_too_large_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped(tmp_path / "inner.zip", NOTEBOOKS).read_bytes()
    path = zipped(tmp_path / "2024-20001.zip", {"x.zip": inner})
    monkeypatch.setattr(archive, "LARGEST_INNER", len(inner) - 1)
    assert read(path).notes[-1] == "archives inside the submission are not opened: 'x.zip'"
    monkeypatch.setattr(archive, "LARGEST_INNER", len(inner))
    assert read(path).missing == []


def test_a_link_to_an_archive_is_not_followed(tmp_path: Path) -> None:
    outside = zipped(tmp_path / "outside.zip", NOTEBOOKS)
    folder = unpacked(tmp_path / "2024-20001", {})
    (folder / "2024-20001.zip").symlink_to(outside)
    assert read(folder).notebooks == {}


def test_saved_models_are_found_in_the_inner_archive(tmp_path: Path) -> None:
    content = tarred(tmp_path / "inner.tar.gz", {"model_checkpoints/a/x.pt": b"weights"}).read_bytes()
    path = zipped(tmp_path / "2024-20001.zip", {"inner.tar.gz": content})
    (tmp_path / "out").mkdir()
    found = save_models(path, ["model_checkpoints/a"], tmp_path / "out")
    taken = found["model_checkpoints/a"]["x.pt"].path
    assert taken is not None and taken.read_bytes() == b"weights"


# Notebooks that are not there under their names

GATES, PATCHES = "The gates of a unit, and what they do.", "Patches of a picture, and what they do."
SHEET = json.dumps({"nbformat": 4, "cells": [{"cell_type": "markdown", "source": GATES}]})
OTHER = SHEET.replace(GATES, PATCHES).encode()
HANDOUT = Handout({"hw4_rnn.ipynb": GATES, "hw4_vit.ipynb": PATCHES})
RNN = SHEET.encode()


COURSE = Handout.read(project_root(Path(__file__).parent) / "notebooks")


@pytest.mark.parametrize("path", sorted((project_root(Path(__file__).parent) / "notebooks").glob("*.ipynb")))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_handout_is_recognised_as_itself_alone(path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = path.read_text(encoding="utf-8").encode(encoding)
    assert COURSE.recognise(content) == path.name
    assert COURSE.recognise(content[: len(content) // 8]) == ""
    assert COURSE.recognise(b"") == "" and NOTHING.recognise(content) == ""
    monkeypatch.setattr(handout, "LARGEST", len(content) - 1)
    assert COURSE.recognise(content) == ""


def test_lines_that_two_handouts_share_tell_nothing() -> None:
    line = "This notebook runs on Colab as it is."
    assert Handout({"a.ipynb": line, "b.ipynb": line}).recognise(line.encode()) == ""
    shared = f"{line}\nIt shows what a network learns."
    two = Handout({"a.ipynb": f"{shared}\n{GATES}", "b.ipynb": f"{shared}\n{PATCHES}"})
    assert two.recognise(f"{shared}\n{GATES}".encode()) == "a.ipynb"


def test_without_the_courses_notebooks_nothing_is_recognised(tmp_path: Path) -> None:
    assert Handout.read(tmp_path / "nowhere").recognise(RNN) == ""


def looked_up(path: Path) -> Submission:
    return load(path, "id", HW4, HANDOUT)


def test_a_renamed_notebook_is_found_by_its_cells(tmp_path: Path) -> None:
    found = looked_up(zipped(tmp_path / "2024-20001.zip", {"final/과제.ipynb": RNN, "x.ipynb": b"{}"}))
    assert found.notebooks == {"hw4_rnn.ipynb": RNN}
    assert found.notes[1:] == [
        "'final/과제.ipynb' was read as hw4_rnn.ipynb, whose cells it holds",
        "other notebooks in it: 'x.ipynb'",
    ]
    assert kinds(found) == [Kind.NOTEBOOK_RENAMED]
    assert read(zipped(tmp_path / "2024-20001.zip", {"final/과제.ipynb": RNN})).notebooks == {}


def test_the_right_name_wins_over_the_cells(tmp_path: Path) -> None:
    found = looked_up(zipped(tmp_path / "2024-20001.zip", {"copy.ipynb": RNN, "hw4_rnn.ipynb": b"{}"}))
    assert found.notebooks == {"hw4_rnn.ipynb": b"{}"}
    assert "not graded, since there is another copy: 'copy.ipynb'" in found.notes
    assert kinds(found) == [Kind.COPIES]


def test_two_different_renamed_copies_are_left_to_a_person(tmp_path: Path) -> None:
    files = {"a.ipynb": RNN, "b.ipynb": RNN + b" "}
    found = looked_up(zipped(tmp_path / "2024-20001.zip", files))
    assert found.notebooks == {} and kinds(found) == []
    assert "not graded, since more than one may be hw4_rnn.ipynb: 'a.ipynb', 'b.ipynb'" in found.notes
    same = looked_up(zipped(tmp_path / "2024-20001.zip", {"a.ipynb": RNN, "b.ipynb": RNN}))
    assert "'a.ipynb' was read as hw4_rnn.ipynb, whose cells it holds" in same.notes


def test_a_notebook_with_the_cells_of_two_is_neither(tmp_path: Path) -> None:
    assert looked_up(zipped(tmp_path / "2024-20001.zip", {"all.ipynb": RNN + OTHER})).notebooks == {}


def test_a_script_is_read_as_its_notebook(tmp_path: Path) -> None:
    script = b"#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\n\nx = 1\n\n# In[ ]:\n\n\ndef f():\n    pass\n"
    found = read(zipped(tmp_path / "2024-20001.zip", {"hw4_rnn.py": script}))
    cells = json.loads(found.notebooks["hw4_rnn.ipynb"])["cells"]
    assert [cell["source"] for cell in cells][1:] == ["x = 1", "def f():\n    pass"]
    assert "'hw4_rnn.py' is a script; it was read as hw4_rnn.ipynb without outputs" in found.notes
    assert kinds(found) == [Kind.SCRIPT]


def test_a_script_in_percent_format_has_its_cells() -> None:
    cells = json.loads(notebook_of(b"# %% [markdown]\n# Text\n\n# %%\nx = 1\n\n#%% tags\ny = '# %%'\n"))["cells"]
    assert [cell["source"] for cell in cells] == ["# Text", "x = 1", "y = '# %%'"]


@pytest.mark.parametrize("content", ["이름 = 1".encode(), "이름 = 1".encode("cp949"), "\ufeff이름 = 1".encode()])
def test_scripts_in_every_usual_encoding_are_read(content: bytes) -> None:
    assert json.loads(notebook_of(content))["cells"][0]["source"] == "이름 = 1"


def test_a_script_of_stray_bytes_is_read_all_the_same() -> None:
    assert json.loads(notebook_of(b"x = 1 # \xff\xff"))["cells"][0]["source"].startswith("x = 1")


def test_a_script_beside_its_notebook_is_nothing_special(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "2024-20001.zip", {"hw4_rnn.py": b"x = 1", **NOTEBOOKS}))
    assert (found.notebooks, found.notes) == (NOTEBOOKS, [])


def test_a_backup_is_read_when_nothing_else_is_there(tmp_path: Path) -> None:
    backup = ".ipynb_checkpoints/hw4_rnn-checkpoint.ipynb"
    found = read(zipped(tmp_path / "2024-20001.zip", {backup: RNN}))
    assert found.notebooks == {"hw4_rnn.ipynb": RNN}
    assert f"'{backup}' is a backup that Jupyter made; it was read as hw4_rnn.ipynb" in found.notes
    assert kinds(found) == [Kind.BACKUP]
    both = looked_up(zipped(tmp_path / "2024-20001.zip", {backup: b"{}", "a.ipynb": RNN}))
    assert both.notebooks == {"hw4_rnn.ipynb": RNN} and kinds(both) == [Kind.NOTEBOOK_RENAMED]


def test_what_is_searched_for_notebooks_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.ipynb": b"{}", "b.ipynb": b"{}", "c.ipynb": RNN}
    path = zipped(tmp_path / "2024-20001.zip", files)
    assert looked_up(path).notebooks
    monkeypatch.setattr(substitutes, "_MOST_READ", 2)
    assert not looked_up(path).notebooks
    monkeypatch.setattr(substitutes, "_MOST_READ", 3)
    monkeypatch.setattr(substitutes, "_MOST_BYTES", 4)
    assert not looked_up(path).notebooks


def test_a_damaged_notebook_of_another_name_costs_nothing(tmp_path: Path) -> None:
    path = zipped(tmp_path / "2024-20001.zip", {"x.ipynb": RNN, **NOTEBOOKS}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"gates", b"gatez", 1))
    assert looked_up(path).notebooks == NOTEBOOKS


# Links, devices, damage


def test_tar_links_and_devices_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar.gz"
    with tarfile.open(path, "w:gz") as written:
        add(written, "hw4_rnn.ipynb", kind=tarfile.SYMTYPE, link="/etc/passwd")
        add(written, "hw4_seq2seq.ipynb", kind=tarfile.LNKTYPE, link="/etc/passwd")
        add(written, "tty", kind=tarfile.CHRTYPE)
        add(written, "hw4_vit.ipynb", b"{}")
    found = read(path)
    assert found.notebooks == {"hw4_vit.ipynb": b"{}"}
    assert found.notes[2:] == [
        "not read (symbolic link): 'hw4_rnn.ipynb'",
        "not read (hard link): 'hw4_seq2seq.ipynb'",
        "not read (special file): 'tty'",
    ]


def test_zip_links_are_not_followed(tmp_path: Path) -> None:
    path = zipped(tmp_path / "2024-20001.zip", NOTEBOOKS)
    link = zipfile.ZipInfo("x/hw4_rnn.ipynb")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(path, "a") as written:
        written.writestr(link, "/etc/passwd")
    found = read(path)
    assert found.notebooks == NOTEBOOKS
    assert found.notes == ["not read (symbolic link): 'x/hw4_rnn.ipynb'"]


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    outside = unpacked(tmp_path / "outside", NOTEBOOKS)
    folder = unpacked(tmp_path / "2024-20001", {"hw4_vit.ipynb": b"{}"})
    (folder / "hw4_rnn.ipynb").symlink_to(outside / "hw4_rnn.ipynb")
    (folder / "all").symlink_to(outside)
    os.mkfifo(folder / "hw4_seq2seq.ipynb")
    found = read(folder)
    assert found.notebooks == {"hw4_vit.ipynb": b"{}"}
    assert "not read (symbolic link): 'all', 'hw4_rnn.ipynb'" in found.notes
    assert "not read (special file): 'hw4_seq2seq.ipynb'" in found.notes


def test_a_folder_that_cannot_be_listed_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = unpacked(tmp_path / "2024-20001", {**NOTEBOOKS, "secret/x": b""})
    listed = Path.iterdir

    def refuse(path: Path) -> object:
        if path.name == "secret":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    found = read(folder)
    assert (found.notebooks, found.notes) == (NOTEBOOKS, ["not read (unreadable folder): 'secret'"])


def test_a_password_costs_that_file_alone(tmp_path: Path) -> None:
    path = zipped(tmp_path / "2024-20001.zip", NOTEBOOKS)
    with zipfile.ZipFile(path) as archive_read:
        first = archive_read.infolist()[0]
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(signature) + flags] |= 1
    path.write_bytes(data)
    found = read(path)
    assert found.missing == [first.filename]
    assert "'hw4_rnn.ipynb' is protected by a password and was not read" in found.notes


@pytest.mark.slow
@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_without_a_bound_are_refused(tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path / "2024-20001.zip", {"hw4_rnn.ipynb": bytes(50 * MIB)}, method)
    tracemalloc.start()
    found = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "'hw4_rnn.ipynb' is compressed by an unusual method" in "; ".join(found.notes)
    assert peak < 8 * MIB


def test_a_wrong_checksum_costs_that_file_alone(tmp_path: Path) -> None:
    path = zipped(tmp_path / "2024-20001.zip", NOTEBOOKS, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b'{"rnn": 1}', b'{"rnn": 2}'))
    found = read(path)
    assert found.missing == ["hw4_rnn.ipynb"]
    assert "'hw4_rnn.ipynb' is damaged (Bad CRC-32 for file 'hw4_rnn.ipynb') and was not read" in found.notes


def test_what_stands_before_the_cut_of_a_tar_is_graded(tmp_path: Path) -> None:
    noise = bytes(os.urandom(40_000))
    path = tarred(tmp_path / "2024-20001.tar.gz", {**NOTEBOOKS, "noise": noise})
    path.write_bytes(path.read_bytes()[:20_000])
    found = read(path)
    assert (found.notebooks, found.missing, found.error) == (NOTEBOOKS, [], "")
    assert "the archive was not read to its end: it is damaged (Compressed file ended" in found.notes[-1]


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_notebook_across_the_cut_is_not_graded(tmp_path: Path, mode: str) -> None:
    noise = bytes(os.urandom(40_000))
    path = tarred(tmp_path / "2024-20001.tar", {"hw4_rnn.ipynb": b"{}", "hw4_vit.ipynb": noise}, mode)
    path.write_bytes(path.read_bytes()[:20_000])
    found = read(path)
    assert found.notebooks == {"hw4_rnn.ipynb": b"{}"}
    assert any(note.startswith("'hw4_vit.ipynb' is ") for note in found.notes)


def test_a_damaged_header_in_a_tar_is_not_taken_for_its_end(tmp_path: Path) -> None:
    path = tarred(tmp_path / "2024-20001.tar", NOTEBOOKS, "w")
    data = bytearray(path.read_bytes())
    data[1024:1100] = b"\xff" * 76  # the second header
    path.write_bytes(data)
    found = read(path)
    assert list(found.notebooks) == ["hw4_rnn.ipynb"]
    assert "something that is no tar header stands between its files" in found.notes[-1]


# Caps


def test_too_many_members_stop_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 5)
    many = {f"x{number}": b"" for number in range(5)}
    found = read(zipped(tmp_path / "2024-20001.zip", {"hw4_rnn.ipynb": b"{}", **many}))
    assert list(found.notebooks) == ["hw4_rnn.ipynb"]
    assert "the archive was not read to its end: it holds more than 5 files and folders" in found.notes[-1]
    assert "it holds more than 5" in read(zipped(tmp_path / "2.zip", {**many, "hw4_rnn.ipynb": b"{}"})).error


def test_a_real_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "2024-20001.zip", {"hw4_rnn.ipynb": bytes(60 * MIB), "hw4_vit.ipynb": b"{}"})
    tracemalloc.start()
    found = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "it unpacks to more than 200 times its size" in found.error
    assert peak < 20 * MIB


@pytest.mark.slow
@pytest.mark.parametrize(("name", "pack"), PACKERS)
def test_a_huge_notebook_costs_itself_alone(tmp_path: Path, name: str, pack: Callable[..., Path]) -> None:
    # Incompressible in part, so that the ratio stays below its cap.
    huge = (os.urandom(4096) + bytes(200_000)) * 330
    found = read(pack(tmp_path / name, {"hw4_rnn.ipynb": huge, "hw4_vit.ipynb": b"{}"}))
    assert found.notebooks == {"hw4_vit.ipynb": b"{}"}
    assert "'hw4_rnn.ipynb' is larger than 64 MiB and was not read" in found.notes


@pytest.mark.slow
def test_a_huge_file_before_the_notebooks_costs_no_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tarred(tmp_path / "2024-20001.tar.gz", {"zeros": bytes(80 * MIB), **NOTEBOOKS})
    found = read(path)
    assert (found.error, found.missing) == ("", [])
    monkeypatch.setattr(member, "MAX_SKIPPED", 30 * MIB)
    assert "it holds more than 30 MiB of files that are not needed" in read(path).error


def test_what_is_kept_of_an_archive_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tarred(tmp_path / "2024-20001.tar.gz", {"hw4_rnn.ipynb": bytes(40 * MIB)})
    assert "it unpacks to more than 200 times its size" in read(path).error
    monkeypatch.setattr(member, "MAX_RATIO", 10**6)
    monkeypatch.setattr(member, "MAX_TOTAL", 30 * MIB)
    assert "it unpacks to more than 30 MiB" in read(path).error


def test_a_forged_tar_header_allocates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar"
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 8 << 30
    path.write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(8 * MIB))
    tracemalloc.start()
    found = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "it is damaged (a header of more than 1 MiB)" in found.error
    assert peak < MIB


def test_headers_upon_headers_are_stopped(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar"
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1
    path.write_bytes((header.tobuf(tarfile.GNU_FORMAT) + b"n".ljust(512, b"\0")) * 5000)
    assert read(path).error


def test_a_tar_member_that_starts_inside_another_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as written:
        info = tarfile.TarInfo("hw4_rnn.ipynb")
        info.size, info.pax_headers = 2, {"size": "-2048"}
        written.addfile(info, io.BytesIO(b"{}"))
        add(written, "hw4_vit.ipynb", b"{}")
    found = read(path)
    assert found.error.endswith("it is damaged (a file starts inside another)")
    assert "'hw4_rnn.ipynb' is damaged (its size is negative) and was not read" in found.notes
    assert found.notebooks == {}


def test_a_forged_zip_directory_allocates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.zip"
    size = 16 * MIB
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size, 0, 0)
    path.write_bytes(b"PK\x03\x04" + bytes(size - 4) + end)
    tracemalloc.start()
    found = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "its list of files is too long" in found.error
    assert peak < MIB


def test_a_sparse_notebook_is_not_blown_up(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as written:
        info = tarfile.TarInfo("GNUSparseFile/hw4_rnn.ipynb")
        info.pax_headers = {
            "GNU.sparse.map": "0,0",
            "GNU.sparse.size": str(1 << 50),
            "GNU.sparse.name": "hw4_rnn.ipynb",
        }
        written.addfile(info)
    assert "not read (sparse file): 'hw4_rnn.ipynb'" in read(path).notes


def test_notes_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.zip"
    zipped(path, {f"{number}/hw4_rnn.ipynb": b"{}" for number in range(100)}, zipfile.ZIP_BZIP2)
    found = read(path)
    assert len(found.notes) == submission._NOTES + 1
    assert found.notes[0].startswith("missing: ")
    assert found.notes[-1] == "and 81 more notes"


# Finding submissions


def names(path: Path) -> list[str]:
    return [entry.name for entry in find(path, HW4)]


def test_one_archive_and_one_folder_are_one_submission(tmp_path: Path) -> None:
    single = zipped(tmp_path / "whatever.zip", NOTEBOOKS)
    assert find(single, HW4) == [single]
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
    found = submission_ids([Path("a") / name for name in given_names[:5]] + [Path("..evil <b>.zip"), Path("notes.txt")])
    assert found[0] == "2024-20001"
    assert found[-2:] == ["evil-b", "notes.txt"]
    assert len({one.lower() for one in found}) == len(found)
    assert all(re.fullmatch(r"\w[\w.-]*", one) for one in found)


def test_ids_differ_where_case_is_ignored_and_names_repeat() -> None:
    found = submission_ids([Path("A.zip"), Path("a.zip"), Path("x/a.zip"), Path("y/a.zip")])
    assert found[0] == "A"
    assert len({one.lower() for one in found}) == 4


@pytest.mark.slow
@settings(derandomize=True, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=120), max_size=8))
def test_any_names_give_ids(found_names: list[str]) -> None:
    found = submission_ids([Path("x") / name for name in found_names])
    assert len({one.casefold() for one in found}) == len(found_names)
    assert all(re.fullmatch(r"\w[\w.-]*", one) and len(one.encode()) < 250 for one in found)


# Fuzzing

SAMPLE = {"2024-20001/hw4_rnn.ipynb": b'{"cells": []}' * 9, "과제/hw4_vit.ipynb": b"{}", "x/": b""}


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("seeds")
    packed = [
        zipped(folder / "a.zip", SAMPLE),
        tarred(folder / "a.tar.gz", SAMPLE),
        tarred(folder / "a.tar", SAMPLE, "w"),
    ]
    return [path.read_bytes() for path in packed]


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.data())
def test_damaged_archives_never_raise(
    seeds: list[bytes], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(data.draw(st.sampled_from(seeds), label="archive"))
    for _ in range(data.draw(st.integers(1, 6), label="changes")):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))), label="length")
    path = tmp_path_factory.getbasetemp() / "2024-20001.zip"
    path.write_bytes(content[:cut])
    found = read(path)
    assert found.student_id == "2024-20001"
    assert bool(found.error) <= (not found.notebooks)
    assert found.error or found.files
    assert set(found.notebooks) <= set(NOTEBOOKS) and not set(found.missing) & set(found.notebooks)


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_are_a_submission(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.zip"
    path.write_bytes(content)
    assert read(path).error
