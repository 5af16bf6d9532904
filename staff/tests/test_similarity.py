"""Whose work is alike: every disguised copy is found, right answers of their own are not, and nothing else pairs."""

import json
import zipfile
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from copying import disguises
from numpy.typing import NDArray
from similar_class import (
    ASSIGNMENT2,
    HW4,
    ROOT,
    Files,
    course_without_variants,
    enter,
    notebook_of,
    student_id,
    variants,
    write_archive,
    write_class,
)

from autograder.authoring.answers import Answer
from autograder.classroom.similarity.matching import ANSWER, SHOWN, Comparison, Measure, clusters, most_of
from autograder.classroom.similarity.models import compare_predictions, compare_weights
from autograder.classroom.similarity.similar import Similarity, compare_class
from autograder.classroom.similarity.weights import sample_of
from autograder.classroom.similarity.winnowing import BREAK, distinctive, grams, union
from autograder.classroom.similarity.work import Stream, Work
from autograder.course.answers import answers_of, names_of
from autograder.course.course import load_course
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.texts import text_of
from autograder.models.measurement import Model, ModelScores
from autograder.models.storages import tensors_in
from autograder.notebook.prose import names_in, sources_named
from autograder.sandbox.reader import Reader, ReaderEnded

NOTEBOOKS = {"rnn": "hw4_rnn.ipynb", "seq2seq": "hw4_seq2seq.ipynb", "vit": "hw4_vit.ipynb"}
# Every fourth, so that no two stand side by side: names that do are often of one idea.
INDEPENDENT = [answer for topic in NOTEBOOKS for answer in variants(topic)][::4][:30]
COPIED = sorted(INDEPENDENT, key=lambda answer: -len(answer.code))[:12]
NOTHING = union([])


def files_of(answer: Answer, code: str | None = None) -> Files:
    return {NOTEBOOKS[answer.path.parent.name]: notebook_of(answer, code)}


def compared(course: Path, grades: Path, *earlier: Path) -> Similarity:
    with Gradebook(grades, HW4, alone=False) as gradebook:
        return compare_class(course, gradebook, earlier)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course whose variants are students' answers here."""
    return course_without_variants(tmp_path_factory.mktemp("course") / "course")


def pairs_of(similarity: Similarity, *kinds: str) -> set[frozenset[str]]:
    rows = [row for row in similarity.rows if not kinds or row.subject.kind in kinds]
    return {frozenset([row.pair.ours.who, row.pair.theirs.who]) for row in rows}


def test_what_a_check_reaches_by_its_helpers_answers_a_question_too() -> None:
    answers, _ = answers_of(ROOT, load_course(ROOT, HW4))
    assert [names_of(answers, question) for question in ("1b", "2b", "3c", "1f", "none")] == [
        *(["RNN"], ["LSTMSeq2Seq"], ["Block", "MLP"], ["RNN"], [])
    ]


@pytest.mark.slow
def test_answers_of_ones_own_are_no_pairs(course: Path, tmp_path: Path) -> None:
    similarity = compared(course, write_class(tmp_path, [files_of(answer) for answer in INDEPENDENT]))
    assert similarity.people == 30 and pairs_of(similarity) == set()


@pytest.mark.slow
@pytest.mark.parametrize("way", disguises([]))
def test_disguised_copies_are_found(course: Path, tmp_path: Path, way: str) -> None:
    answers, _ = answers_of(ROOT, load_course(ROOT, HW4))
    disguise = disguises([name for answer in answers for name in answer.given])[way]
    copies = [files_of(answer, disguise(answer.code)) for answer in COPIED]
    similarity = compared(course, write_class(tmp_path, [*map(files_of, COPIED), *copies]))
    expected = {frozenset([student_id(one), student_id(one + 12)]) for one in range(1, 13)}
    found = pairs_of(similarity, "answer", "notebook")
    assert len(expected) == 12 and expected <= found
    assert len(found - expected) <= 1  # two of the twelve were made from the same, and once they are nearly alike


def work(who: str, earlier: str = "", **more: Any) -> Work:
    return Work(who, frozenset([who]), earlier=earlier, **more)


def stream(text: str) -> Stream:
    return Stream(text.split(), [(1, number) for number, _ in enumerate(text.split(), 1)])


def words(seed: int, number: int = 60) -> str:
    return " ".join(f"w{one}" for one in np.random.default_rng(seed).integers(0, 1000, number))


def test_what_more_than_a_tenth_writes_is_nobodys() -> None:
    assert [most_of(number) for number in (1, 80, 300)] == [8, 8, 30]
    same = words(1)
    for number, pairs in ((8, 28), (9, 0)):
        listed = [(work(f"s{one}"), stream(f"{words(10 + one)} {same}")) for one in range(number)]
        assert len(Comparison(listed, NOTHING, Measure(6, 3, 12, 0.3)).compared().pairs) == pairs


def test_what_the_course_gave_is_nobodys() -> None:
    listed = [(work(one), stream(f"{words(place)} {words(9)}")) for place, one in enumerate("ab")]
    loose = Measure(6, 3, 12, 0.1)
    assert Comparison(listed, NOTHING, loose).compared().pairs
    assert not Comparison(listed, union([grams(words(9).split(), 6)]), loose).compared().pairs


def test_groups_attempts_and_earlier_years_do_not_pair_with_themselves() -> None:
    same = stream(words(1))
    group, one = Work("g", frozenset(["a", "b"])), work("a")
    assert not Comparison([(group, same), (one, same)], NOTHING, ANSWER).compared().pairs
    first, second = Work("1", frozenset(["a"])), Work("2", frozenset(["a"]))
    (pair,) = Comparison([(first, same), (work("b"), same), (second, same)], NOTHING, ANSWER).compared().pairs
    assert {pair.ours.who, pair.theirs.who} == {"a", "b"}
    before = [(work("x", "2023"), same), (work("y", "2023"), same), (work("a", "2023"), same)]
    found = Comparison([(first, same), *before], NOTHING, ANSWER).compared().pairs
    assert {pair.theirs.who for pair in found} == {"x (2023)", "y (2023)"}


def test_too_little_is_no_pair_and_is_said() -> None:
    short = stream("a b c d e f g h")
    result = Comparison([(work("a"), short), (work("b"), short)], NOTHING, ANSWER).compared()
    assert not result.pairs and result.too_short and (result.long_enough, result.number) == (0, 2)


def test_passages_are_where_the_same_stands() -> None:
    same = words(1, 30)
    listed = [(work("a"), stream(f"{words(2, 20)} {same}")), (work("b"), stream(f"{same} {words(3, 20)}"))]
    (pair,) = Comparison(listed, NOTHING, Measure(6, 3, 5, 0.3)).compared().pairs
    (passage,) = pair.passages
    assert {line for _, line in passage.ours} <= set(range(21, 51)) and len(passage.ours) >= 25
    assert {line for _, line in passage.theirs} <= set(range(1, 31))


def test_winnowing_keeps_one_of_every_window_and_none_that_is_common() -> None:
    hashes = grams(words(1, 200).split(), 6)
    places = sorted(place for found in distinctive(hashes, NOTHING, 3).values() for place in found)
    assert all(after - before <= 3 for before, after in zip(places, places[1:], strict=False))
    assert distinctive(hashes, union([hashes]), 3) == {} == distinctive(grams(["a"], 6), NOTHING, 3)


def test_nothing_over_a_break_is_a_fingerprint() -> None:
    hashes = grams([*"abcdef", BREAK, *"ghijkl"], 6)
    assert (hashes != 0).sum() == 2 and sum(map(len, distinctive(hashes, NOTHING, 3).values())) == 2


def test_three_who_hang_together_are_a_cluster() -> None:
    same = stream(words(1))
    listed = [(work(one), same) for one in "abc"]
    assert clusters(Comparison(listed, NOTHING, ANSWER).compared().pairs) == [["a", "b", "c"]]


def test_saved_lines_with_the_same_figures_pair() -> None:
    def log(seed: int) -> Stream:
        lines = [f"epoch {one} loss {0.1 * one + seed:.4f} accuracy {0.5 + seed / 7:.4f}" for one in range(8)]
        return Stream(lines, [(3, one) for one in range(1, 9)])

    listed = [(work("a"), log(1)), (work("b"), log(1)), (work("c"), log(2))]
    (pair,) = Comparison(listed, NOTHING, SHOWN).compared().pairs
    assert (pair.ours.who, pair.theirs.who, pair.score) == ("a", "b", 1.0)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("협업: 홍길동과 함께 풀었다", True),
        ("# from https://example.org/answer", True),
        ("Collaborators: none of note", True),
        ("A sentence about attention.", False),
        ("References of the handout: https://example.org/given", False),
    ],
)
def test_a_source_is_named_in_words_comments_or_links(line: str, says: bool) -> None:
    given = {"References of the handout: https://example.org/given"}
    assert bool(list(sources_named(line, given))) is says


def test_who_names_the_other() -> None:
    ours = work("2024-20001", report="I worked with 2024-20002.")
    named = Work("b", frozenset(["2024-20003"]), names=("Student Two",))
    assert ours.names_author_of(work("2024-20002")) and not ours.names_author_of(named)
    assert work("c", report="with Student Two").names_author_of(named)
    assert names_in("학생둘과 함께, not with Stud or Ana", ["학생둘", "Student", "An", "Ana"]) == ["학생둘", "Ana"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_a_report_is_read_in_any_encoding(encoding: str) -> None:
    assert text_of("참고: 없음".encode(encoding)) == "참고: 없음"
    assert text_of(b"\xff\x81\xfe\x00 text").endswith("text")


def write_safetensors(path: Path, tensors: dict[str, NDArray[np.float32]]) -> None:
    header: dict[str, Any] = {}
    place = 0
    for name, value in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [place, place + value.nbytes]}
        place += value.nbytes
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(value.tobytes() for value in tensors.values()))


def test_equal_and_nearly_equal_weights_pair_under_any_names(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    first, second = (rng.normal(size=(40, 50)).astype(np.float32) for _ in range(2))
    near = [one + rng.normal(scale=0.01, size=one.shape).astype(np.float32) for one in (first, second)]
    other = [rng.normal(size=(40, 50)).astype(np.float32) for _ in range(2)]
    write_safetensors(tmp_path / "a.safetensors", {"x": first, "y": second})
    write_safetensors(tmp_path / "b.safetensors", {"k": near[1], "z": near[0]})
    write_safetensors(tmp_path / "c.safetensors", {"x": other[0], "y": other[1]})
    plain = {"y": torch.tensor(second), "x": torch.tensor(first), "n": torch.arange(100)}
    torch.save(plain, tmp_path / "d.pt")
    torch.save(
        {"model": {key: value.bfloat16() for key, value in plain.items() if key != "n"}, "epoch": 3}, tmp_path / "e.pt"
    )
    torch.save({key: value.double() for key, value in plain.items() if key != "n"}, tmp_path / "f.pt")
    torch.save({"x": torch.tensor(other[0]).half(), "y": torch.tensor(second).half()}, tmp_path / "g.pt")
    works = [work(path.stem, weights={"m": tuple(sample_of(path))}) for path in sorted(tmp_path.iterdir())]
    found = {frozenset([pair.ours.who, pair.theirs.who]) for pair in compare_weights(works).pairs}
    assert found == {frozenset(pair) for pair in combinations("abdef", 2)}


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.write_text, (self.path, "ran")


def test_nothing_in_a_file_of_weights_is_run(tmp_path: Path) -> None:
    weights = torch.arange(100.0)
    torch.save({"trap": Trap(tmp_path / "ran"), "weights": weights}, tmp_path / "a.pt")
    assert torch.equal(torch.tensor(next(tensors_in(tmp_path / "a.pt"))), weights)
    torch.save(torch.nn.Sequential(torch.nn.Linear(20, 4)), tmp_path / "whole.pt")
    assert sorted(map(len, tensors_in(tmp_path / "whole.pt"))) == [4, 80]
    assert not (tmp_path / "ran").exists()


def write_no_archive(path: Path) -> None:
    path.write_bytes(b"weights")


def write_no_pickle(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", b"no pickle")


def write_a_long_list(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", bytes(3 << 20))


def write_a_missing_storage(path: Path) -> None:
    torch.save({"x": torch.ones(100)}, path.with_name("whole"))
    with zipfile.ZipFile(path.with_name("whole")) as whole, zipfile.ZipFile(path, "w") as archive:
        name = next(name for name in whole.namelist() if name.endswith("/data.pkl"))
        archive.writestr(name, whole.read(name))


@pytest.mark.parametrize("write", [write_no_archive, write_no_pickle, write_a_long_list, write_a_missing_storage])
def test_a_damaged_file_of_weights_has_no_tensors(tmp_path: Path, write: Callable[[Path], None]) -> None:
    write(tmp_path / "m.pt")
    with pytest.raises(ValueError):
        list(tensors_in(tmp_path / "m.pt"))


def test_models_that_err_alike_pair() -> None:
    rng = np.random.default_rng(1)
    right = rng.random((3, 1000)) < 0.8
    bits = {"a": right[0], "b": right[0].copy(), "c": right[1]}
    bits["b"][:3] ^= True
    scores = {
        who: ModelScores("2-1-2", (Model("m", int(one.sum())),), 1000, np.packbits(one).tobytes(), 1)
        for who, one in bits.items()
    }
    result = compare_predictions([work(one) for one in bits], scores)
    (pair,) = result.pairs
    assert {pair.ours.who, pair.theirs.who} == {"a", "b"} and sum(result.scores.values()) == 3


def copies(number: int = 2) -> Sequence[Files]:
    answer = COPIED[0]
    return [files_of(answer) for _ in range(number)]


@pytest.mark.slow
def test_an_earlier_year_is_a_gradebook_or_a_folder_of_archives(course: Path, tmp_path: Path) -> None:
    grades = write_class(tmp_path / "now", copies(1))
    write_class(tmp_path / "then", [{}, *copies(1)])
    for folder in (tmp_path / "then" / "grades", tmp_path / "then" / "submissions"):
        (row, *_) = compared(course, grades, folder).rows
        assert (row.pair.ours.who, row.pair.theirs.who) == ("2024-20001", f"2024-20002 ({folder})")
        assert row.first == row.pair.theirs.who


def test_what_the_course_knows_is_no_pair(tmp_path: Path) -> None:
    assert pairs_of(compared(ROOT, write_class(tmp_path, copies())), "answer", "notebook") == set()


def test_a_group_is_compared_as_one_and_no_code_is_run(course: Path, tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    (answer,) = COPIED[:1]
    hostile = files_of(answer, f"open({str(trap)!r}, 'w').write('x')\n{answer.code}")
    grades = write_class(tmp_path, [hostile])
    write_archive(tmp_path / "submissions" / "2024-20009.zip", hostile)
    with Gradebook(grades, HW4) as gradebook:
        enter(gradebook, "2024-20009.zip", ["2024-20009", "2024-20001"], 2)
    assert compared(course, grades).rows == [] and not trap.exists()


FOLDERS = [rule.folder for rule in ASSIGNMENT2.model_questions.values()]
OWN_WORDS = " ".join(f"word{one} says{one * one} why{one}" for one in range(60))


def test_every_report_is_compared_without_what_its_template_says(tmp_path: Path) -> None:
    (template, other) = ((ROOT / folder / "report.md").read_text(encoding="utf-8") for folder in FOLDERS)
    second = {f"{FOLDERS[0]}/report.md": words(1), f"{FOLDERS[1]}/report.md": OWN_WORDS}
    third = {f"{FOLDERS[1]}/report.md": f"{other}\n{OWN_WORDS}"}
    works = [{f"{FOLDERS[0]}/report.md": template}, {f"{FOLDERS[0]}/report.md": template}, second, third]
    grades = write_class(tmp_path, works, ASSIGNMENT2)
    with Gradebook(grades, ASSIGNMENT2, alone=False) as gradebook:
        similarity = compare_class(ROOT, gradebook, [])
    assert pairs_of(similarity) == pairs_of(similarity, "report") == {frozenset([student_id(3), student_id(4)])}
    assert similarity.problems == []


def test_models_that_take_too_long_to_read_leave_the_rest_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(self: Reader, function: str, *arguments: object, size: int = 0) -> Any:
        if function.endswith("answer_weights"):
            raise ReaderEnded("reading it takes more than 20 seconds")
        return ordinary(self, function, *arguments, size=size)

    ordinary = Reader.call
    monkeypatch.setattr(Reader, "call", call)
    grades = write_class(tmp_path, [{f"{FOLDERS[0]}/report.md": OWN_WORDS}] * 2, ASSIGNMENT2)
    with Gradebook(grades, ASSIGNMENT2, alone=False) as gradebook:
        similarity = compare_class(ROOT, gradebook, [])
    assert len(pairs_of(similarity, "report")) == 1
    assert similarity.problems[0].endswith("its saved models: reading it takes more than 20 seconds")
