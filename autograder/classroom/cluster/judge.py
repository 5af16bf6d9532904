"""The judge of one worker: a process of its own that has the course, and a warm process for student code.

It is fresh for each run of the grader, so nothing that an earlier course or an earlier version left can be in it.
"""

import os
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from autograder.classroom.cluster import wire
from autograder.classroom.cluster.course_pack import PackedCases, unpack_files
from autograder.classroom.cluster.version import versions_of
from autograder.classroom.examiner import Examiner
from autograder.course.course import load_course
from autograder.course.manifest import load
from autograder.marking.sandboxes import in_background, open_sandbox
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
    settings, (key, files, cases) = wire.from_bytes(start or b"")
    seal = wire.Seal(key)
    try:
        with ExitStack() as resources:
            try:
                examiner, sandbox, report = _open(settings, files, cases, resources)
            except Exception as error:  # whatever it is: the grader says it of this worker
                wire.send(replies, seal.close(wire.to_bytes({"problem": str(error)})))
                return
            wire.send(replies, seal.close(wire.to_bytes(report)))
            while True:
                wire.send(replies, seal.close(_answer(seal.open(orders.get()), examiner, sandbox)))
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(1)


def _open(
    settings: dict[str, Any], files: bytes, cases: bytes, resources: ExitStack
) -> tuple[Examiner, Sandbox, dict[str, object]]:
    root = resources.enter_context(temporary_folder())
    root.chmod(0o711)  # children that are nobody pass through it to the data
    unpack_files(files, root)
    assignment = load(root)[settings["assignment"]]
    if settings["seconds"]:
        assignment = assignment.with_seconds(settings["seconds"])
    protect = [Path(settings["protect"])]
    # Both import torch, at the same time.
    opening = resources.enter_context(
        in_background(lambda: open_sandbox(root, assignment, protect=protect, imports=settings["imports"]))
    )
    course = load_course(root, assignment, settings["seed"], PackedCases(cases))
    sandbox = opening.result()
    report = {"tier": sandbox.tier, "layers": list(sandbox.layers), "versions": versions_of(course)}
    return Examiner(root, course), sandbox, report


def _answer(order: bytes, examiner: Examiner, sandbox: Sandbox) -> bytes:
    examinations, alone = wire.order_from_bytes(order)
    started = time.monotonic()
    outcomes = [list(examiner.examine(one, sandbox.fork, alone)) for one in examinations]
    return wire.result_to_bytes(wire.Result(outcomes, time.monotonic() - started))
