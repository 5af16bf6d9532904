"""The check in a student's own kernel: the public cases against what is defined there now, within a moment.

The code of an answer runs where the student is, without a sandbox, and beside the public cases. It runs in a namespace
of its own, made from the cells that were run; whatever else it asks for are the kernel's own values. Everything that
the check switches is switched back (see `untouched`). What it cannot undo is a change that an answer makes to a shared
object, such as an item that it appends to a list of the kernel's.
"""

from autograder.course.public_case import case
from autograder.selfcheck.live.check import check

__all__ = ["case", "check"]
