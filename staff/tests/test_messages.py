"""Messages keep their template and arguments on every way, and are shown in a language."""

import copy
import json
import pickle
from pathlib import Path

import pytest

from autograder.messages import (
    CatalogueError,
    Language,
    Message,
    from_json,
    from_wire,
    join,
    lines_of,
    load_language,
    say,
    tidied,
    to_json,
    to_wire,
)

WRONG = "{name} is wrong in {count} of {total:,} values"
KOREAN = Language("ko", {WRONG: "{name}: 값 {total:,}개 중 {count}개가 틀렸습니다", "look here": "여기를 보세요"})
BOTH = Language("both", KOREAN.translations)


def wrong() -> Message:
    return say(WRONG, name="{x}", count=3, total=1200)


def test_a_message_is_its_english_text() -> None:
    assert wrong() == "{x} is wrong in 3 of 1,200 values"
    assert KOREAN.render(wrong()) == "{x}: 값 1,200개 중 3개가 틀렸습니다"
    assert say("a set {1, 2}") == "a set {1, 2}"
    assert BOTH.render(say("look here")) == "look here\n여기를 보세요"
    assert BOTH.word("look here") == "look here · 여기를 보세요"
    assert Language().render(wrong()) == wrong()


def test_each_part_of_a_diagnosis_is_translated() -> None:
    korean = Language("ko", {"rows a, b": "행 가, 나", "sign": "부호", "one + two": "하나와 둘", "one": "하나"})
    for english, shown in (
        ("rows a, b", "행 가, 나"),
        ("rows a, b, sign", "행 가, 나, 부호"),
        ("sign, rows a, b", "부호, 행 가, 나"),
        ("sign + one, rows c", "부호 + 하나, rows c"),
        ("one + two", "하나와 둘"),
        ("", ""),
    ):
        assert korean.diagnosis(english) == shown and Language().diagnosis(english) == english
    assert Language("both", korean.translations).diagnosis("sign, one") == "sign, one · 부호, 하나"


def test_what_has_no_translation_stays_english() -> None:
    assert KOREAN.render(say("no such {thing}", thing=say("look here"))) == "no such 여기를 보세요"
    assert BOTH.render(say("no such thing")) == "no such thing"
    assert KOREAN.render("look here") == "look here"  # a student's words, not ours


def test_lines_of_a_message_are_messages() -> None:
    first = say("{what}: {mistake}", what="h", mistake=say("look here"))
    message = join([first, "theirs: {1}", wrong(), join([say("look here"), "in it"])])
    assert message == "h: look here\ntheirs: {1}\n{x} is wrong in 3 of 1,200 values\nlook here\nin it"
    assert list(map(KOREAN.render, lines_of(message))) == KOREAN.render(message).split("\n")
    assert lines_of(message) == message.splitlines()
    assert join(lines_of(message)) == message
    assert KOREAN.render(say("look here\n" + WRONG, name="h", count=1, total=2)).startswith("여기를 보세요\nh: 값 2개")
    assert list(map(KOREAN.render, lines_of(say("look here\nlook here")))) == ["여기를 보세요"] * 2
    assert lines_of("theirs\nalone") == ["theirs", "alone"]
    assert lines_of(join([])) == lines_of("") == []


def test_it_survives_every_way() -> None:
    message = join([wrong(), "theirs", say("{p}", p=0.25)])
    for other in (
        pickle.loads(pickle.dumps(message)),
        copy.deepcopy(message),
        from_wire(to_wire(message), ""),
        str(ValueError(message)),
        tidied(message, str.strip),
    ):
        assert other == message
        assert KOREAN.render(other) == KOREAN.render(message)
    assert from_wire(to_wire("theirs"), "theirs") == "theirs"
    assert tidied(say("{a} -> {b}", a=" x ", b=say(" y ")), str.strip) == "x ->  y "


def catalogue(folder: Path, *pairs: tuple[str, str]) -> Path:
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    entries = "".join(f'\n#: a.py\nmsgid "{english}"\nmsgstr "{korean}"\n' for english, korean in pairs)
    (folder / "ko.po").write_text(header + entries, encoding="utf-8")
    return folder


def test_a_course_has_a_catalogue_of_its_own(tmp_path: Path) -> None:
    catalogue(tmp_path, ("look here", "여기요"), ('say \\"{x}\\"', '"\n"{x}라고 \\"'), ("empty", ""))
    language = load_language("ko", tmp_path, tmp_path / "none")
    assert language.render(say("look here")) == "여기요"
    assert language.render(say('say "{x}"', x=1)) == '1라고 "'
    assert language.render(say("empty")) == "empty"
    assert load_language("en", tmp_path).render(say("look here")) == "look here"


@pytest.mark.parametrize(
    ("english", "korean", "problem"),
    [
        ("{count} values", "{number}개", "other placeholders"),
        ("a", "b\nmsgid c", "line 7: no string in quotes"),
    ],
)
def test_a_broken_catalogue_names_its_fault(tmp_path: Path, english: str, korean: str, problem: str) -> None:
    catalogue(tmp_path, (english, korean))
    with pytest.raises(CatalogueError, match=f"ko.po.*{problem}"):
        load_language("ko", tmp_path)


@pytest.mark.parametrize("text", ["theirs", 3, wrong(), say("a set {1, 2}"), join([wrong(), say("look here")])])
def test_it_survives_json(text: str) -> None:
    again = from_json(json.loads(json.dumps(to_json(text))))
    assert again == text and to_json(again) == to_json(text)


@pytest.mark.parametrize(
    "data",
    [
        ["{a.__class__}", {"a": "x"}],
        ["{a!r}", {"a": "x"}],
        ["{a[0]}", {"a": "x"}],
        ["{a:>999999999}", {"a": "x"}],
        ["{a:{b}}", {"a": "x", "b": "y"}],
        ["{}", {"a": "x"}],
        ["{a}" * 100, {"a": ["{b}" * 100, {"b": "x" * 100}]}],
        ["{a", {"a": "x"}],
        ["one"],
        [1, {}],
        {"a": 1},
        None,
        ["{a}", []],
    ],
    ids=str,
)
def test_data_that_is_no_message_is_refused(data: object) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError, KeyError)):
        from_json(data)
