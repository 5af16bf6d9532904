"""A CSV file whose cells are replaced where they stand: every other byte stays, whatever the dialect."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograder.exports import sheet as sheet_module
from autograder.exports.refusal import ExportError
from autograder.exports.sheet import Sheet, read_sheet

ENCODINGS = ["utf-8", "utf-8-sig", "cp949", "cp1252", "utf-16"]
WORDS = st.text(st.sampled_from('ab1.-, ;"\n\r\té학'), max_size=6)


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, list[list[tuple[str, bytes]]], str, str]:
    """A file as a spreadsheet may write it, its cells with their bytes, its encoding and its separator."""
    encoding, apart = draw(st.sampled_from(ENCODINGS)), draw(st.sampled_from(",;\t"))
    plain = {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}.get(encoding, encoding)

    def cell(text: str) -> tuple[str, bytes]:
        text = text.encode(plain, "ignore").decode(plain)
        needed = text[:1] == '"' or any(sign in text for sign in (apart, "\n", "\r"))
        quoted = needed or draw(st.booleans())
        return text, ('"' + text.replace('"', '""') + '"' if quoted else text).encode(plain)

    width = draw(st.integers(2, 4))
    texts = [["head", *("c" * place for place in range(1, width))]]
    texts += draw(st.lists(st.lists(WORDS, min_size=width, max_size=width), max_size=4))
    cells = [[cell(text) for text in row] for row in texts]
    end = draw(st.sampled_from(["\n", "\r\n", "\r"])).encode(plain)
    rows = [apart.encode(plain).join(raw for _, raw in row) for row in cells]
    last = end if draw(st.booleans()) else b""
    mark = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}.get(encoding, b"")
    return mark + end.join(rows) + last, cells, plain, apart


@settings(derandomize=True, deadline=None)
@given(files(), st.data())
def test_only_the_cells_that_are_named_differ(
    file: tuple[bytes, list[list[tuple[str, bytes]]], str, str], data: st.DataObject
) -> None:
    content, cells, encoding, apart = file
    sheet = Sheet("x.csv", content)
    assert [[sheet.content[cell.start : cell.end] for cell in row.cells] for row in sheet.rows] == [
        [raw for _, raw in row] for row in cells
    ]
    assert sheet.filled({}) == content
    row, column = data.draw(st.integers(0, len(cells) - 1)), data.draw(st.integers(0, len(cells[0]) - 1))
    text = data.draw(st.sampled_from(["87.5", "87,5", 'a "b"', "", "1\n2"]))
    place = sheet.rows[row].cells[column]
    filled = sheet.filled({(sheet.rows[row].line, column): text})
    start, end = place.start, len(filled) - (len(content) - place.end)
    assert filled[:start] == content[:start] and filled[end:] == content[place.end :]
    quotes = '"' in (text, *cells[row][column][1].decode(encoding)[:1]) or any(sign in text for sign in f'{apart}"\n')
    doubled = text.replace('"', '""')
    assert filled[start:end].decode(encoding) == (f'"{doubled}"' if quotes else text)


@settings(derandomize=True, deadline=None)
@given(files(), st.data())
def test_lines_leave_whole(file: tuple[bytes, list[list[tuple[str, bytes]]], str, str], data: st.DataObject) -> None:
    content, cells, *_ = file
    sheet = Sheet("x.csv", content)
    row = sheet.rows[data.draw(st.integers(0, len(cells) - 1))]
    assert sheet.filled({(row.line, 0): "x"}, {row.line}) == content[: row.start] + content[row.end :]


@settings(derandomize=True, deadline=None)
@given(st.text(st.sampled_from('ab,"\n\r '), max_size=16))
def test_cells_say_what_they_say_to_others(text: str) -> None:
    """Also in files that nobody should write: quotes in the middle of a cell, text behind a quote."""
    content = f"head,other\n{text}"
    try:
        rows = list(csv.reader(io.StringIO(content, newline="")))
    except csv.Error:
        assume(False)
    try:
        sheet = Sheet("x.csv", content.encode())
    except ExportError:  # a quote is never closed: the other reader closes it at the end unless it is strict
        with pytest.raises(csv.Error):
            list(csv.reader(io.StringIO(content, newline=""), strict=True))
        return
    read = [[cell.text for cell in row.cells] for row in sheet.rows]
    assert [row for row in read if any(map(str.strip, row))] == [row for row in rows if any(map(str.strip, row))]


def test_lines_are_counted_as_an_editor_does() -> None:
    sheet = Sheet("x.csv", b'a,b\r\n"1\r\n2",3\r\n\r\n4,5')
    assert [row.line for row in sheet.rows] == [1, 2, 5]


def test_a_code_page_gets_only_what_all_code_pages_share() -> None:
    for encoding in ("cp949", "cp1252", "latin-1"):
        content = "name,x\né".encode(encoding, "ignore") + b"\xb5,1\n"
        assert Sheet("x.csv", content).filled({(2, 1): "é학"}) == content[:-2] + b"&#233;&#54617;\n"
    assert Sheet("x.csv", b"name,x\na,1\n").filled({(2, 1): "é"}) == "name,x\na,é\n".encode()


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [("Student;ID;a, b, c, d", ";"), ('"Student",ID;x;y;z', ","), ("Student\tID", "\t"), ("Student", ",")],
)
def test_the_separator_is_what_follows_the_first_cell(header: str, delimiter: str) -> None:
    assert Sheet("x.csv", header.encode()).delimiter == delimiter


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "is empty"),
        (b"PK\x03\x04\0\0", "is no CSV file"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "line 3: a quote that is never closed"),
        (b'a,b\n1,"2""', "line 2: a quote that is never closed"),
    ],
)
def test_what_is_no_sheet_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ExportError, match=f"^x.csv.*{message}"):
        Sheet("x.csv", content)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExportError, match=re.escape(f"{tmp_path}/none.csv: No such file")):
        read_sheet(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_bytes(b"a,b\n1,2\n")
    assert read_sheet(tmp_path / "a.csv").header == ["a", "b"]
    monkeypatch.setattr(sheet_module, "MAX_BYTES", 7)
    with pytest.raises(ExportError, match="larger than"):
        read_sheet(tmp_path / "a.csv")
