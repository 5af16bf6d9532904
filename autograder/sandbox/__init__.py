"""Runs student code in forked, locked-down children of one warm process; knows nothing but byte streams."""

from autograder.sandbox.child import Child, ChildEnded, ChildTimeout
from autograder.sandbox.connection import SandboxUnavailable
from autograder.sandbox.limits import Exit, Limits
from autograder.sandbox.sandbox import Sandbox

__all__ = ["Child", "ChildEnded", "ChildTimeout", "Exit", "Limits", "Sandbox", "SandboxUnavailable"]
