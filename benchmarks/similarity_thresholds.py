"""How alike disguised copies are and how alike works of one's own: what the limits of `autograder similar` rest on.

    python benchmarks/similarity_thresholds.py [--data DIR [--texts 1000]]

The variants of the course are a class whose course does not know them; copies of them in each disguise are another
year's. For every answer with enough fingerprints of its own it prints the share that a copy keeps, and of strangers
how many pairs share how much. With --data, a data directory, reviews of films (150 words or more, by many authors)
stand for reports, and copies of them are changed word by word.
"""

import argparse
import os
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "staff" / "tests")]

from copying import disguises, renamed, reordered, split_up  # noqa: E402
from similar_class import course_without_variants, notebook_of, variants, write_archive, write_class  # noqa: E402

from autograder.classroom.similarity.gathering import Gathering  # noqa: E402
from autograder.classroom.similarity.known import known_code  # noqa: E402
from autograder.classroom.similarity.matching import ANSWER, REPORT, Comparison, Pair  # noqa: E402
from autograder.classroom.similarity.similar import words_of  # noqa: E402
from autograder.classroom.similarity.winnowing import Hashes, grams, union  # noqa: E402
from autograder.classroom.similarity.work import Work  # noqa: E402
from autograder.course.answers import answers_of  # noqa: E402
from autograder.course.course import load_course  # noqa: E402
from autograder.course.manifest import Assignment, load  # noqa: E402
from autograder.gradebook.gradebook import Gradebook  # noqa: E402
from data import load_imdb  # noqa: E402

SEED = 7
FEWEST_WORDS = 150
LEAST = (0.05, 0.1, 0.2, 0.3, 0.5, 0.65, 0.8)
ALL = "split up, reordered and renamed"


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--texts", type=int, default=1000)
    arguments = parser.parse_args()
    print(f"load before {os.getloadavg()[0]:.1f}, seed {SEED}\n\n## Code")
    copied: dict[str, list[float]] = {}
    strangers: list[Pair] = []
    for assignment in load(ROOT).values():
        found, alike = _of_assignment(assignment)
        strangers += alike
        for way, shares in found.items():
            copied.setdefault(way, []).extend(shares)
    _print_shares(copied, ANSWER.threshold)
    _print_strangers(strangers)
    if arguments.data:
        print("\n## Texts")
        _print_texts([text for _, text in load_imdb("train", arguments.data)], arguments.texts)


def _of_assignment(assignment: Assignment) -> tuple[dict[str, list[float]], list[Pair]]:
    """The shares that copies keep, by the disguise, and all pairs of strangers, over the answers of an assignment."""
    places = [
        (name, answer) for name, topics in assignment.notebooks.items() for one in topics for answer in variants(one)
    ]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        course = course_without_variants(folder / "course")
        answers, _ = answers_of(course, load_course(course, assignment))
        gathering = Gathering(course, assignment, answers)
        works = [{name: notebook_of(answer)} for name, answer in places]
        with Gradebook(write_class(folder / "now", works, assignment), assignment, alone=False) as gradebook:
            originals = gathering.of_class(gradebook)
        known = {
            name: union(grams(tokens, ANSWER.gram) for tokens in known_code(course, assignment, name))
            for name in assignment.notebooks
        }
        kept = [name for answer in answers for name in answer.given]
        shares: dict[str, list[float]] = {}
        for way, disguise in _ways(kept).items():
            (folder / way).mkdir()
            for number, (name, answer) in enumerate(places, 1):
                path = folder / way / assignment.archive.format(student_id=f"2023-{20000 + number}")
                write_archive(path, {name: notebook_of(answer, disguise(answer.code))})
            copies = gathering.of_earlier(folder / way)
            for one in answers:
                pairs = _pairs([*originals, *copies], one.notebook, one.title, known[one.notebook])
                shares.setdefault(way, []).extend(pair.score for pair in pairs if _is_copy(pair))
        strangers = [
            pair for one in answers for pair in _pairs(originals, one.notebook, one.title, known[one.notebook])
        ]
    return shares, strangers


def _ways(kept: Sequence[str]) -> dict[str, Callable[[str], str]]:
    return {**disguises(kept), ALL: lambda code: renamed(reordered(split_up(code)), kept)}


def _pairs(works: Sequence[Work], notebook: str, title: str, known: Hashes) -> Sequence[Pair]:
    streams = [(work, work.notebooks[notebook].answer(title)) for work in works if notebook in work.notebooks]
    return Comparison(streams, known, replace(ANSWER, threshold=0.0)).compared().pairs


def _is_copy(pair: Pair) -> bool:
    """Whether it is a work and its own copy: their IDs are those of two years, with one number."""
    return pair.ours.work_id[4:10] == pair.theirs.work_id[4:10]


def _print_shares(shares: Mapping[str, Sequence[float]], threshold: float) -> None:
    print(f"\n| copies | compared | lowest | 5 % | median | of {threshold:.0%} and more |\n|---|---|---|---|---|---|")
    for way, unsorted in shares.items():
        found = sorted(unsorted)
        places = (0, len(found) // 20, len(found) // 2)
        cells = [f"{found[place]:.0%}" for place in places]
        over = sum(share >= threshold for share in found)
        print(f"| {way} | {len(found)} | {' | '.join(cells)} | {over} |")


def _print_strangers(pairs: Iterable[Pair]) -> None:
    """How many pairs of strangers share how much, and the most alike."""
    listed = sorted(pairs, key=lambda pair: -pair.score)
    counts = ", ".join(f"{sum(pair.score >= least for pair in listed)} of {least:.0%}" for least in LEAST)
    print(f"\nstrangers: {len(listed)} pairs with anything in common, {counts} and more; the most alike:")
    for pair in listed[:5]:
        print(f"  {pair.score:.0%} ({pair.shared} fingerprints): {pair.ours.who}, {pair.theirs.who}")


def _print_texts(texts: Sequence[str], most: int) -> None:
    """The same of texts, whose copies are of another year."""
    long_enough = [text for text in dict.fromkeys(texts) if len(text.split()) >= FEWEST_WORDS][:most]
    originals = [_work(2024, number, text) for number, text in enumerate(long_enough)]
    shares = {}
    for way, change in TEXT_WAYS.items():
        chance = random.Random(SEED)
        copies = [_work(2023, number, change(text, chance)) for number, text in enumerate(long_enough)]
        shares[way] = [pair.score for pair in _alike([*originals, *copies]) if _is_copy(pair)]
    print(f"{len(long_enough)} texts")
    _print_shares(shares, REPORT.threshold)
    _print_strangers(_alike(originals))


def _work(year: int, number: int, text: str) -> Work:
    who = f"{year}-{20000 + number}"
    return Work(who, frozenset([who]), earlier="" if year == 2024 else str(year), report=text)


def _alike(works: Sequence[Work]) -> Sequence[Pair]:
    streams = [(work, words_of(work.report)) for work in works]
    return Comparison(streams, union([]), replace(REPORT, threshold=0.0)).compared().pairs


def _shuffled(text: str, chance: random.Random) -> str:
    """Its sentences in another order."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    chance.shuffle(sentences)
    return " ".join(sentences)


def _changed(every: int) -> Callable[[str, random.Random], str]:
    """One in so many words, by chance, is another of the same text."""

    def change(text: str, chance: random.Random) -> str:
        words = text.split()
        return " ".join(chance.choice(words) if chance.randrange(every) == 0 else word for word in words)

    return change


def _half(text: str, chance: random.Random) -> str:
    """Every second sentence is left out, and as much of its own is added."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    own = [" ".join(f"own{chance.randrange(10**6)}" for _ in one.split()) for one in sentences[1::2]]
    return " ".join([*sentences[::2], *own])


TEXT_WAYS = {
    "as it is": lambda text, _: text,
    "sentences in another order": _shuffled,
    "one word in 20 changed": _changed(20),
    "one word in 10 changed": _changed(10),
    "one word in 5 changed": _changed(5),
    "every second sentence of one's own": _half,
}


if __name__ == "__main__":
    main()
