"""The judge of one worker: a process of its own that has the course, and a warm process for student code.

It is fresh for each run of the grader, so nothing that an earlier course or an earlier version left can be in it.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from autograder.classroom.cluster import model_wire, wire
from autograder.classroom.cluster.course_pack import PackedCases, unpack_files
from autograder.classroom.cluster.version import versions_of
from autograder.classroom.examiner import Examiner
from autograder.classroom.model_marker import ModelExaminer
from autograder.course.course import Course, load_course
from autograder.course.manifest import load
from autograder.marking.sandboxes import in_background, open_sandbox, open_scoring_sandbox
from autograder.sandbox import Sandbox
from autograder.sandbox.temporary import sweep, temporary_folder


def main() -> None:
    """Answers orders until the worker closes the pipe or dies."""
    orders, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("r+b") as null:
        os.dup2(null.fileno(), 0)
    os.dup2(2, 1)  # what a check prints is no reply
    sys.setswitchinterval(0.0005)  # one thread waits for orders alone
    sweep()
    start = wire.receive(orders)
    waiting: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_serve, args=(start, waiting, replies), daemon=True).start()
    while order := wire.receive(orders):
        waiting.put(order)
    os._exit(0)  # nobody waits for what is at work; the warm process ends with this one


def _serve(start: bytes | None, orders: "SimpleQueue[bytes]", replies: BinaryIO) -> None:
    """Reports on this machine, and answers each order."""
    settings, (key, *blobs) = wire.from_bytes(start or b"")
    seal = wire.Seal(key)
    try:
        with ExitStack() as resources:
            try:
                answer, report = _open(settings, blobs, resources)
            except Exception as error:  # whatever it is: the grader says it of this worker
                wire.send(replies, seal.close(wire.to_bytes({"problem": str(error)})))
                return
            wire.send(replies, seal.close(wire.to_bytes(report)))
            while True:
                wire.send(replies, seal.close(answer(seal.open(orders.get()))))
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(1)


def _open(
    settings: dict[str, Any], blobs: Sequence[bytes], resources: ExitStack
) -> tuple[Callable[[bytes], bytes], dict[str, object]]:
    """What answers orders, about code or with `test_sets` about saved models; the report on this machine."""
    files, cases, *test_sets = blobs
    root = resources.enter_context(temporary_folder())
    root.chmod(0o711)  # children that are nobody pass through it to the data
    unpack_files(files, root)
    assignment = load(root)[settings["assignment"]]
    if settings["seconds"]:
        assignment = assignment.with_seconds(settings["seconds"])
    protect = [Path(settings["protect"])]

    def load_its_course() -> Course:
        return load_course(root, assignment, settings["seed"], PackedCases(cases))

    if test_sets:
        course = load_its_course()
        sandbox = resources.enter_context(open_scoring_sandbox(root, assignment, course.imports, protect))
        answer = _about_models(course, sandbox, test_sets[0])
    else:
        # Both import torch, at the same time.
        opening = resources.enter_context(
            in_background(lambda: open_sandbox(root, assignment, protect=protect, imports=settings["imports"]))
        )
        course = load_its_course()
        sandbox = opening.result()
        answer = _about_code(Examiner(root, course), sandbox)
    return answer, {"tier": sandbox.tier, "layers": list(sandbox.layers), "versions": versions_of(course)}


def _about_code(examiner: Examiner, sandbox: Sandbox) -> Callable[[bytes], bytes]:
    def answer(order: bytes) -> bytes:
        examinations, alone = wire.order_from_bytes(order)
        started = time.monotonic()
        outcomes = [list(examiner.examine(one, sandbox.fork, alone)) for one in examinations]
        return wire.result_to_bytes(wire.Result(outcomes, time.monotonic() - started))

    return answer


def _about_models(course: Course, sandbox: Sandbox, test_sets: bytes) -> Callable[[bytes], bytes]:
    examiner = ModelExaminer(course, model_wire.test_sets_from_bytes(test_sets))

    def answer(order: bytes) -> bytes:
        with temporary_folder() as folder:
            examinations = model_wire.order_from_bytes(order, folder)
            return model_wire.outcomes_to_bytes([examiner.examine(one, sandbox.fork) for one in examinations])

    return answer
