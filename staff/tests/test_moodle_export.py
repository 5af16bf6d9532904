"""Moodle's grading worksheet goes out and comes in: grades and comments differ, and nothing else."""

from collections.abc import Sequence
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from student_grades import grade_of_student, ungraded

from autograder.exports.filling import FilledSheet, Terms
from autograder.exports.moodle import fill_moodle
from autograder.exports.refusal import ExportError
from autograder.exports.sheet import Sheet
from autograder.gradebook.grades import StudentGrade
from autograder.marking.verdict import Verdict

DATE = '"Friday, 14 June 2024, 5:59 PM"'
ENGLISH = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    f'"Participant 48211","Student One",s1@example.org,"Submitted for grading - ",,100.00,Yes,{DATE},-,\n'
    f'"Participant 48212","Student Two",s2@example.org,"Submitted for grading - Graded",70.00,100.00,Yes,{DATE},{DATE},'
    '"<p>See ""3b"".</p>"\n'
    f'"Participant 48213","Student Three",s3@example.org,"Submitted for grading - ",-,100.00,No,{DATE},-,\n'
)
GERMAN = (
    "\ufeffID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;Bewertung kann geändert werden;"
    "Zuletzt geändert (Abgabe);Zuletzt geändert (Bewertung);Feedback als Kommentar\r\n"
    "Teilnehmer/in48211;Student Eins;s1@example.org;Abgegeben;;100,00;Ja;Freitag, 14. Juni 2024, 17:59;-;\r\n"
    'Teilnehmer/in48213;Student Drei;s3@example.org;Abgegeben;"1,50";100,00;Nein;-;-;\r\n'
)
KOREAN = (
    "식별자,이름,이메일 주소,상태,성적,최고 성적,성적을 변경할 수 있음,"
    "최종 수정 (제출물),최종 수정 (성적),피드백 댓글\n"
    "참여자 48211,하나,s1@example.org,채점을 위해 제출됨,,100.00,예,2024년 6월 14일 17:59,-,\n"
    "참여자 48213,셋,s3@example.org,채점을 위해 제출됨,,100.00,아니오,2024년 6월 14일 17:59,-,\n"
)
# In a language that nobody told us about, without an e-mail address, and with a group whose name is a number.
FOREIGN = (
    "Tunniste,Koko nimi,Ryhmä,Tila,Arvosana,Paras arvosana,Muokattavissa,"
    "Muokattu (palautus),Muokattu (arvosana),Palaute\n"
    f'Osallistuja 48211,Student One,1,Palautettu,,"100,00",Kyllä,{DATE},-,\n'
    f'Osallistuja 48212,Student Two,1,Palautettu,"70,00","100,00",Kyllä,{DATE},{DATE},Hyvä\n'
)
ONE = grade_of_student("2024-20001", "87.5", "48211")
WORTH = Decimal(100)


def fill(text: str, grades: Sequence[StudentGrade], encoding: str = "utf-8", **terms: Any) -> FilledSheet:
    return fill_moodle(Sheet("worksheet.csv", text.encode(encoding)), grades, Terms(WORTH, **terms))


def test_only_grade_and_comment_differ() -> None:
    two = grade_of_student("2024-20002", "100", "48212")
    filled = fill(ENGLISH, [ONE, two])
    expected = ENGLISH.replace('- ",,100.00,Yes', '- ",87.5,100.00,Yes', 1).replace("-,\n", "-,Total: 87.5 of 100\n", 1)
    expected = expected.replace("70.00", "100").replace('"<p>See ""3b"".</p>"', '"Total: 100 of 100"')
    assert filled.content.decode() == expected and not filled.untouched and not filled.absent


@pytest.mark.parametrize(
    ("text", "grade"), [(GERMAN, "Abgegeben;87,5;"), (KOREAN, "제출됨,87.5,"), (FOREIGN, 'Palautettu,"87,5",')]
)
def test_other_languages(text: str, grade: str) -> None:
    filled = fill(text, [ONE, grade_of_student("2024-20003", "50", "48213")])
    old, new = (whole.splitlines(keepends=True) for whole in (text, filled.content.decode()))
    assert grade in new[1] and new[1].rstrip().endswith("Total: 87.5 of 100")
    assert old[0] == new[0] and old[2:] == new[2:]
    assert filled.absent == (["2024-20003"] if text == FOREIGN else [])


def test_what_moodle_locks_stays() -> None:
    filled = fill(ENGLISH, [grade_of_student("2024-20003", "50", "48213")])
    assert filled.content.decode() == ENGLISH
    assert filled.untouched == ["2024-20003: Moodle says that the grade cannot be changed"]


@pytest.mark.parametrize(
    ("cell", "more", "reason"),
    [("Pass", {}, "the cell says 'Pass'"), ("70.00", {"excused": True}, "is excused")],
)
def test_what_is_no_number_stays(cell: str, more: dict[str, Any], reason: str) -> None:
    text = ENGLISH.replace("70.00", cell)
    filled = fill(text, [grade_of_student("2024-20002", "50", "48212", **more)])
    assert filled.content.decode() == text and filled.untouched == [f"2024-20002: {reason}"]


def test_a_student_who_handed_in_nothing_is_found_by_the_address() -> None:
    filled = fill(ENGLISH, [grade_of_student("2024-20001", "0", email="S1@example.org")])
    assert '- ",0,100.00,Yes' in filled.content.decode()


def test_marks_out_of_range_are_refused_by_name() -> None:
    more = grade_of_student("2024-20002", "101", "48212")
    with pytest.raises(ExportError, match="2024-20002: 101 points are more than the 100 that Moodle takes"):
        fill(ENGLISH, [ONE, more])
    filled = fill(ENGLISH, [ONE, more], partial=True)
    assert list(filled.marks) == ["2024-20001"] and ",70.00," in filled.content.decode()
    assert filled.untouched == ["2024-20002: 101 points are more than the 100 that Moodle takes"]


def test_what_is_not_ready_keeps_its_grade_and_its_comment() -> None:
    unready = grade_of_student("2024-20002", "0", "48212", [ungraded("1a")])
    with pytest.raises(ExportError, match="2024-20002: UNGRADED: 1a$"):
        fill(ENGLISH, [ONE, unready])
    lines = fill(ENGLISH, [ONE, unready], partial=True).content.decode().splitlines()
    assert lines[2:] == ENGLISH.splitlines()[2:]


def test_scaled() -> None:
    ten = ENGLISH.replace("100.00", "10.00")
    with pytest.raises(ExportError, match="Maximum Grade: gives 10 points, and the assignment is worth 100; --scale"):
        fill(ten, [ONE])
    filled = fill(ten, [ONE], scale=True).content.decode()
    assert ",8.75,10.00," in filled and "Total: 87.5 of 100" in filled


def test_without_comments_only_grades_are_filled() -> None:
    for text in (ENGLISH, FOREIGN):
        bare = "".join(line.rpartition(",")[0] + "\n" for line in text.splitlines())
        filled = fill(bare, [ONE]).content.decode()
        assert "Total" not in filled and "87" in filled and filled.count(",") - filled.count("87,5") == bare.count(",")


def test_in_any_language_comments_are_behind_the_dates() -> None:
    more = "".join(
        f"{line},{text}\n" for line, text in zip(FOREIGN.splitlines(), ("Tiedostot", "", "a.pdf"), strict=True)
    )
    lines = fill(more, [ONE]).content.decode().splitlines()
    assert lines[1].endswith(f"{DATE},-,Total: 87.5 of 100,") and lines[2:] == more.splitlines()[2:]
    verdicts = [Verdict.scored("1a", 2.25, 3)]
    both = [grade_of_student(f"2024-2000{n}", "12.25", f"4821{n}", verdicts) for n in (1, 2)]
    once = fill(FOREIGN, both).content.decode()
    assert fill(once, both).content.decode() == once and once.count("1a: 2.25 of 3") == 2


# --- comments ---


class Text(HTMLParser):
    """What a browser shows of a comment, and what is markup in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags = "", list[str]()
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.text += "\n"


def test_a_comment_says_why_and_holds_no_markup_of_a_students() -> None:
    said = 'expected "2"\n<img src=x onerror=alert(1)> & \x1b[31m=1+1'
    verdicts = [Verdict.scored("1a", 3, 3), Verdict.scored("1b", 0.5, 2, "sum", said), Verdict.scored("1c", 0, 2)]
    reasons = (("2 hours late", Decimal("-1.5")), ("<b>a good question</b>", Decimal(".5")), ("not late", Decimal(0)))
    grade = grade_of_student("s", "2.5", "48211", verdicts, reasons=reasons)
    sheet = Sheet("x.csv", fill(ENGLISH, [grade]).content)
    shown = Text(sheet.rows[1].cells[-1].text)
    assert shown.text.splitlines() == [
        "Total: 2.5 of 100",
        "1a: 3 of 3",
        '1b: 0.5 of 2. expected "2"',
        "<img src=x onerror=alert(1)> & =1+1",
        "1c: 0 of 2",
        "2 hours late: -1.5",
        "<b>a good question</b>: +0.5",
    ]
    assert set(shown.tags) == {"br"}


def test_comments_in_a_code_page_are_readable_everywhere() -> None:
    grade = grade_of_student("s", "1", "48211", [Verdict.scored("1a", 0, 3, "x", "학생")])
    filled = fill(KOREAN, [grade], encoding="cp949")
    assert "1a: 0 of 3. &#54617;&#49373;" in filled.content.decode("cp949")
    assert "1a: 0 of 3. 학생" in fill(KOREAN, [grade]).content.decode()


# --- only what changed ---


def test_a_comment_that_changed_is_a_change() -> None:
    two = grade_of_student("2024-20002", "100", "48212")
    last = dict(fill(ENGLISH, [ONE, two]).marks)
    assert fill(ENGLISH, [ONE, two], last=last).content.decode() == ENGLISH.splitlines(keepends=True)[0]
    other = grade_of_student("2024-20002", "100", "48212", [Verdict.scored("1a", 3, 3)])
    filled = fill(ENGLISH, [ONE, other], last=last)
    assert list(filled.marks) == ["2024-20002"] and filled.content.decode().count("\n") == 2


# --- other files ---


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENGLISH.splitlines()[0], "Maximum Grade: expected one number in all lines, got no lines"),
        (ENGLISH.replace("100.00", "10.00", 1), "Maximum Grade: expected one number in all lines, got 10.00, 100.00$"),
        (ENGLISH.replace("100.00", "A"), "Maximum Grade: expected one number in all lines, got A$"),
        ("a,b,c\n1,2,x\n", "no columns Identifier, Grade and Maximum Grade, got a, b, c$"),
        ("a,b\n", "no columns Identifier, Grade and Maximum Grade, got a, b$"),
        (FOREIGN.replace("Tila,", "Tila,X,Y,").replace("Palautettu,", "Palautettu,1,2,"), "no columns Identifier"),
        (ENGLISH.replace(f"Yes,{DATE},-,\n", "Yes\n", 1), "2024-20001: line 2 of worksheet.csv ends too early$"),
    ],
)
def test_other_files_are_refused(text: str, message: str) -> None:
    with pytest.raises(ExportError, match=message):
        fill(text, [ONE])
