"""English and Korean are held together: every template is translated, and nothing of ours stays English on the way."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.authoring.answers import Answer, answered_notebook, read_answer
from autograder.authoring.build import read_sources
from autograder.authoring.set_up import SENTENCES
from autograder.authoring.wording import templates, unspoken
from autograder.course.course import load_course
from autograder.course.manifest import language_of, load
from autograder.course.root import project_root
from autograder.marking.question import ask_question
from autograder.marking.verdict import Diagnosis
from autograder.messages import Language, Message
from autograder.messages.language import read_catalogue
from autograder.notebook.claims.words import ACCURACY, PERPLEXITY
from autograder.notebook.findings import ADDITIONAL_MODULE, FORBIDDEN_CALL, FORBIDDEN_LAYER
from autograder.protocol.faults import Fault
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox

ROOT = project_root(Path(__file__).parent)
PACKAGE = [path for path in (ROOT / "autograder").rglob("*.py") if "template" not in path.parts]
COURSE = sorted((ROOT / "tests").glob("*.py"))
# Words of ours that are data: they are said where they are shown.
WORDS = {*map(str, Fault), *map(str, Diagnosis), FORBIDDEN_CALL, FORBIDDEN_LAYER, ADDITIONAL_MODULE}
WORDS |= {ACCURACY, PERPLEXITY}
# Words of the manifest are data of the course.
TITLES = {text for one in load(ROOT).values() for text in (one.title, one.appeals, *one.titles.values()) if text}
TEMPLATES = sorted((ROOT / "autograder/pages/templates").glob("*.html"))
TEMPLATES += sorted((ROOT / "autograder/desk/review/templates").glob("*.[hj]*"))
PAGE = {text for path in TEMPLATES for text in re.findall(r'\bt\("([^"]+)"', path.read_text(encoding="utf-8"))}
# No words, but another order or sign in Korean.
REORDERED = {"{name} {what}", "'{file}' {what}", "{hours} h", "{count} {what}"}
SCRIPT = (ROOT / "autograder/authoring/templates/CollectSubmission.sh").read_text(encoding="utf-8")
IN_SCRIPT = {*re.findall(r' t\("([^"]+)"', SCRIPT), *re.findall(r'\{\{ "([^"]+)" \| both', SCRIPT)}
PLACEHOLDER = re.compile(r"\{[^}]*\}")


def has_words(template: str) -> bool:
    return re.search("[A-Za-z]{2}", PLACEHOLDER.sub("", template)) is not None


def said(files: list[Path]) -> set[str]:
    """The templates that hold a word."""
    return set(filter(has_words, templates(files)))


def test_every_template_of_ours_is_translated_and_no_other() -> None:
    catalogue = read_catalogue(ROOT / "autograder" / "messages" / "ko.po").keys()
    ours = said(PACKAGE) | WORDS | REORDERED | set(PAGE) | IN_SCRIPT | set(SENTENCES)
    assert ours - catalogue == set(), "in no catalogue"
    assert catalogue - ours == set(), "said nowhere"


def test_every_template_of_the_course_is_translated_and_no_other() -> None:
    ours = read_catalogue(ROOT / "autograder" / "messages" / "ko.po").keys()
    catalogue = read_catalogue(ROOT / "tests" / "messages" / "ko.po").keys()
    words = (said(COURSE) | TITLES) - ours
    assert words - catalogue == set(), "in no catalogue"
    assert catalogue - words == set(), "said nowhere, or by the package, too"


def test_no_message_is_built_without_a_template() -> None:
    assert unspoken([*PACKAGE, *COURSE]) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("raise Mismatch(f'{x} is wrong')", ["a.py, line 1"]),
        ("raise StudentError('it' + x, 1)", ["a.py, line 1"]),
        ("expect.that(x, f'{y}', look_at='here')", ["a.py, line 1"]),
        ("close(x, look_at=f'{y}')", ["a.py, line 1"]),
        ("raise ArchiveError('it is empty')", ["a.py, line 1"]),
        ("raise MemberError(f'{x} is empty')", ["a.py, line 1"]),
        ("raise ArchiveError(say('it is empty')) from error", []),
        ("raise Mismatch(say('{x} is wrong', x=f'{x}'))", []),
    ],
)
def test_a_message_without_a_template_is_seen(tmp_path: Path, source: str, found: list[str]) -> None:
    (tmp_path / "a.py").write_text(source)
    assert unspoken([tmp_path / "a.py"]) == found


def test_what_is_said_is_read_off_the_source(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        'ROWS = "the rows"\nTABLE = {"one | other": Mistake("it is {wrong}", ROWS)}\n'
        'says = "is no {a}"\nsay("a {b}\\nc" if x else says, b=1)\nexpect.that(x, "that", look_at="there")\n'
        'raise_mistake("the encoder", "one", TABLE)\nraise_mistake("Encoder", "one", TABLE)\n'
    )
    texts = ["one", "it is {wrong}", "the rows", "a {b}", "c", "is no {a}", "that", "there", "the encoder"]
    assert sorted(templates([tmp_path / "a.py"])) == sorted(texts)


def mutants(topic: str) -> list[Answer]:
    """The first mutant of each diagnosis of each question."""
    answers = [read_answer(path) for path in sorted((ROOT / "staff" / "mutants" / topic).glob("*.py"))]
    first = {(q, one.diagnosis): answer for answer in reversed(answers) for q, one in answer.questions.items()}
    return list({answer.path: answer for answer in first.values()}.values())


def english(text: str, korean: Language) -> Iterator[str]:
    """The templates in a message that stay English."""
    if isinstance(text, Message):
        yield from (line for line in text.template.split("\n") if has_words(line) and line not in korean.translations)
        for part in text.arguments.values():
            yield from english(part, korean) if isinstance(part, str) else ()


@pytest.mark.slow
@pytest.mark.parametrize("topic", ["rnn", "seq2seq", "vit", "gru", "swin"])
def test_nothing_of_ours_is_english_on_a_korean_page(sandbox: Sandbox, topic: str) -> None:
    assignment, name, topics = next(
        (one, name, topics) for one in load(ROOT).values() for name, topics in one.notebooks.items() if topic in topics
    )
    course, sources, korean = load_course(ROOT, assignment), read_sources(ROOT, topics), language_of(ROOT, "ko")
    left: dict[str, list[str]] = {}
    for mutant in mutants(topic):
        content = answered_notebook(sources, mutant)
        with Session(sandbox.fork, content, name, assignment.limits.seconds) as session:
            for question in mutant.questions:
                verdict = ask_question(course, session, question, {})
                assert isinstance(verdict.message, Message) and verdict.message != korean.render(verdict.message)
                diagnosis = korean.as_message(verdict.diagnosis)
                if parts := [*english(diagnosis, korean), *english(verdict.message, korean)]:
                    left[mutant.path.stem] = parts
    assert left == {}
