"""Code that waits: coroutines driven by hand, and event loops, which get no sockets in a sandbox."""

import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from autograder.protocol.inquiry import begin
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student

Open = Callable[..., Session]

BY_HAND = """
async def half(x):
    return x / 2

def f():
    coroutine = half(8)
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
"""

IN_A_LOOP = """
import asyncio

async def late(x):
    await asyncio.sleep(0.01)
    return x

async def both():
    return sum(await asyncio.gather(late(1), late(3)))

def f():
    return asyncio.run(both())
"""

FROM_A_THREAD = """
import asyncio, threading

def f():
    loop = asyncio.new_event_loop()
    answer = loop.create_future()
    threading.Thread(target=loop.call_soon_threadsafe, args=(answer.set_result, 4.0)).start()
    value = loop.run_until_complete(answer)
    loop.close()
    return value
"""

BY_A_SIGNAL = """
import asyncio, os, signal

async def answer():
    came = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, came.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await came.wait()
    return 4.0

def f():
    return asyncio.run(answer())
"""

MANY_LOOPS = """
import asyncio, os

async def nothing():
    await asyncio.to_thread(len, "")

def f():
    asyncio.run(nothing())
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(300):
        asyncio.run(nothing())
    return 4.0 + len(os.listdir("/proc/self/fd")) - before
"""


def answer_of(session: Session) -> Any:
    return Student(begin(session, Rules(), seed=0)).f()


@pytest.mark.parametrize("cell", [BY_HAND, IN_A_LOOP, FROM_A_THREAD, BY_A_SIGNAL, MANY_LOOPS])
def test_code_that_waits_comes_to_its_answer(session: Open, cell: str) -> None:
    assert answer_of(session(textwrap.dedent(cell))) == 4.0


def test_a_pair_of_sockets_is_refused(session: Open) -> None:
    cell = """
    import socket
    def f():
        try:
            return str(socket.socketpair())
        except PermissionError as error:
            return type(error).__name__
    """
    assert answer_of(session(textwrap.dedent(cell))) == "PermissionError"
