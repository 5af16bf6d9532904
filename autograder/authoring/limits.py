"""What students' code, saved models and archives may use, in words for the notebooks and for the bundle's README.

Every limit that can cost points stands here, and no number is written by hand.
"""

from collections.abc import Iterable

from autograder.course.limits import QuestionLimits
from autograder.course.manifest import Assignment, points_text
from autograder.course.model_question import ModelQuestion
from autograder.course.sizes import MAX_FILE, MAX_MEMBERS, MAX_MODELS, MAX_TOTAL, MIB
from autograder.marking.sandboxes import process_limits
from autograder.messages import Message, join, say
from autograder.notebook.raw import MAX_CELLS
from autograder.protocol.frames import MAX_CHECK_BYTES


def of_code(assignment: Assignment) -> Message:
    """What the answers in a notebook may use, as a list in Markdown."""
    items = _items(assignment.limits)
    own = [
        say("{question}: {limits}", question=question, limits=join((i for i in _items(limits) if i not in items), "; "))
        for question, limits in assignment.question_limits.items()
        if limits != assignment.limits
    ]
    return _list(say("**Limits.** What needs more than this earns nothing."), [*items, *own, _notebook()])


def of_models(rule: ModelQuestion) -> Message:
    """What each saved model of a measured question may use, as a list in Markdown."""
    items = [
        say(
            "size: {mib:,} MiB a file of weights, and {total:,} MiB all that is handed in",
            mib=rule.model_mib,
            total=MAX_TOTAL // MIB,
        ),
        say(
            "time: {seconds} seconds for all test examples and some changed ones, without a GPU",
            seconds=points_text(rule.seconds),
        ),
        say("memory: {mib:,} MiB on top of Python and PyTorch", mib=rule.memory_mib),
        say("number: {count} models, the first by name", count=MAX_MODELS),
    ]
    return _list(say("**Limits of a saved model.** One that needs more does not count."), items)


def of_archives() -> Message:
    """What may be handed in, as a list in Markdown."""
    archive = say(
        "the archive: {members:,} files, and {mib:,} MiB once it is unpacked",
        members=MAX_MEMBERS,
        mib=MAX_TOTAL // MIB,
    )
    return _list(say("What is larger than this is not read:"), [_notebook(), archive])


def _items(limits: QuestionLimits) -> list[Message]:
    process = process_limits(limits)
    return [
        say(
            "time: {seconds} seconds for a question, and {cpu} seconds of processor time of all threads together;"
            " waiting for a free core does not count",
            seconds=points_text(limits.seconds),
            cpu=limits.cpu_seconds,
        ),
        say("memory: {mib:,} MiB on top of Python and PyTorch", mib=limits.memory_mib),
        say(
            "files that your code writes: {mib:,} MiB, {file} MiB in one file",
            mib=process.scratch_mib,
            file=process.file_mib,
        ),
        say(
            "what your functions return: {mib} MiB at once, {together} MiB together",
            mib=limits.output_mib,
            together=MAX_CHECK_BYTES // MIB,
        ),
        say("what your code prints costs nothing but the time that printing takes"),
    ]


def _notebook() -> Message:
    return say("the notebook: {mib} MiB with its outputs, and {cells:,} cells", mib=MAX_FILE // MIB, cells=MAX_CELLS)


def _list(heading: Message, items: Iterable[Message]) -> Message:
    return join([heading, "", *(join(["- ", item], "") for item in items)])
