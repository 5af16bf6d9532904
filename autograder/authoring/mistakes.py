"""Holds that the name of every known mistake stands in a table of its check, in a case, and in a mutant.

A table maps names to `Mistake` at the top of a module, and the check mentions it. What a student reads under a name
without a mutant is untried. "a + b" is two names, and needs no mutant of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from autograder.authoring.answers import Answer
from autograder.checks.case import Case, mistake_names
from autograder.checks.mistakes import Mistake
from autograder.checks.question import Check

Cases = Mapping[str, Sequence[Case]]


def find_gap(question: str, checks: Sequence[Check], cases: Cases, mutants: Sequence[Answer]) -> str:
    """What one question's mistakes lack, and where to write it; "" if nothing.

    `checks` are all of its notebook, as those of two questions may share `cases`, here by name.
    """
    diagnoses = {mutant.questions[question].diagnosis for mutant in mutants if question in mutant.questions}
    for check in (check for check in checks if check.question == question):
        in_tables = {name for other in checks if other.cases == check.cases for name in mistakes_of(other)}
        in_cases = {name for case in cases.get(check.cases, ()) for key in case.mistakes for name in mistake_names(key)}
        for gap in _gaps(check, in_tables, in_cases, diagnoses):
            return gap
    return ""


def mistakes_of(check: Check) -> dict[str, Mistake]:
    """The mistakes of every table that the check's function mentions, by name."""
    values = (check.function.__globals__.get(name) for name in check.function.__code__.co_names)
    return {
        name: mistake
        for table in values
        if isinstance(table, Mapping)
        for name, mistake in table.items()
        if isinstance(mistake, Mistake)
    }


def _gaps(check: Check, in_tables: set[str], in_cases: set[str], diagnoses: set[str]) -> Iterator[str]:
    """`in_tables` and `in_cases` are the names there of the check's cases, `diagnoses` what its mutants get."""
    topic, mistakes = check.file.stem.removeprefix("test_"), mistakes_of(check)
    place, recipe = f"{check.name} of tests/{check.file.name}", f"the recipe {check.cases!r} of staff/cases/{topic}.py"
    if names := _join(in_cases - in_tables):
        yield f"{recipe} gives {names}; write it to a table that {place} mentions"
    if check.cases and (names := _join({name for name in mistakes if mistakes[name].in_cases} - in_cases)):
        yield f"{place} knows {names}; write it to the `mistakes` of {recipe}"
    if names := _join(mistakes.keys() - diagnoses):
        yield (
            f"{place} knows {names}; write a mutant to staff/mutants/{topic}/ with "
            f"`# question: {check.question}` and that as its `# diagnosis:`"
        )


def _join(names: Iterable[str]) -> str:
    return ", ".join(sorted(map(repr, names)))
