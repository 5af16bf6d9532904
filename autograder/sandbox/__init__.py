"""Runs student code in forked, locked-down children of one warm process; knows nothing but byte streams.

Theory of operation. Three processes, one control socket, three pipes:

    grader  <---- control socket: fork, kill, twin; how a child ended ---->  warm process
       |                                                                          |
       |    ----------------------------- requests --------------------------->   | fork
       |    <----------------------------- replies ----------------------------   |
       +--  <--------------------- log: stdout and stderr ---------------------  child

The grader (`sandbox`, `child`, `connection`) holds the answers. It runs no student code and forks nothing: it has
imported torch and has threads, and children would hang. So it starts the warm process as a fresh interpreter, with next
to nothing of its own environment; for a new class it does so before all else. The check of a single notebook forks
itself instead, once it has imported torch, and before it reads anything or has a second thread (`own_fork`).

The warm process (`inside.warm`, `inside.forks`) imports once what children need, tries which layers hold
(`inside.tiers`, `layers`), and forks one child after another. It holds no answer and no notebook. The pipes are the
grader's: their ends come along with each order to fork, and the warm process closes its copies at once. So no byte of a
student lies in the memory that the next student's child is forked from. A twin is a fork of the warm process that
serves another connection, for another thread of the grader.

The child locks itself down (`inside.lockdown`) before student code runs, says so to the warm process, and calls the
entry with its ends of requests and replies. It holds one notebook, and is thrown away. Both ends of the control socket
are ours, so what it carries is trusted; what comes through replies and log is not, and is capped.

Who may end whom:

- The grader ends a child by asking the warm process, which kills, reaps, empties the scratch folder, and tells the end.
- The grader kills the warm process; the kernel then ends child and twins (their parent death signal).
- The warm process ends when the control socket closes, as it does however the grader ends.
- A child may end itself alone. In tier 1 it is the first process of a namespace, so all that it starts ends with it.

`docs/security.md` says what the layers stop, and what they do not.
"""

from autograder.sandbox.child import Child, ChildEnded, ChildTimeout
from autograder.sandbox.connection import SandboxUnavailable, WarmProcess
from autograder.sandbox.limits import Exit, Limits
from autograder.sandbox.own_fork import OwnFork
from autograder.sandbox.sandbox import Sandbox

__all__ = [
    "Child",
    "ChildEnded",
    "ChildTimeout",
    "Exit",
    "Limits",
    "OwnFork",
    "Sandbox",
    "SandboxUnavailable",
    "WarmProcess",
]
