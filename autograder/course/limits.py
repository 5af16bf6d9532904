"""What student code may use for one question, as the manifest says."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from autograder.course.toml_section import Section

MAX_OUTPUT_MIB = 64  # what `frames` takes at most


@dataclass(frozen=True)
class QuestionLimits:
    """What student code may use for one question: wall time and CPU time in seconds, and MiB.

    `memory_mib` is address space, `scratch_mib` what it writes to files, `output_mib` one answer.
    """

    seconds: float
    memory_mib: int
    cpu_seconds: int = 120
    scratch_mib: int = 64
    output_mib: int = 64


def limits_in(table: Section, default: Mapping[str, Any]) -> QuestionLimits:
    """The limits of a table; `default` gives those that it need not hold."""
    names = [one.name for one in fields(QuestionLimits)]
    tables = {key for key, value in table.values.items() if isinstance(value, dict)}
    table.only({*names, *tables})
    given = {one.name: one.default for one in fields(QuestionLimits) if one.default is not MISSING} | {**default}
    for name in names:
        if name in table.values or name not in given:
            given[name] = table.number(name) if name == "seconds" else table.whole(name)
    if given["output_mib"] > MAX_OUTPUT_MIB:
        table.fail("output_mib", f"at most {MAX_OUTPUT_MIB}", given["output_mib"])
    return QuestionLimits(**given)


def question_limits_in(section: Section) -> dict[str, QuestionLimits]:
    """The limits of the questions that have their own, in tables below that of the assignment."""
    table, questions = section.section("limits"), section.section("questions").values
    default = asdict(limits_in(table, {}))
    own = {question: value for question, value in table.values.items() if isinstance(value, dict)}
    for question in own:
        if question not in questions:
            table.fail(question, "a label that stands in `questions` too", question)
    return {question: limits_in(table.section(question), default) for question in own}
