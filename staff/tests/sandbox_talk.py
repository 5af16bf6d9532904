"""How the sandbox's tests start one and talk to its children (see sandbox_children)."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from sandbox_children import REPLY

from autograder.sandbox import Child, ChildEnded, Exit, Sandbox
from autograder.sandbox.connection import WarmProcess

HERE = Path(__file__).parent
LAYERS = {1: ("namespaces", "landlock", "seccomp"), 2: ("landlock", "seccomp"), 4: ()}


def start(tier: int = 1, function: str = "serve", **options: Any) -> Sandbox:
    """A sandbox of this tier, or of a weaker one if the machine has no better."""
    settings = {"import_path": [HERE], "protect": [HERE], "layers": LAYERS[tier], **options}
    return Sandbox(f"sandbox_children:{function}", **settings)


def start_or_skip(tier: int) -> Sandbox:
    """A sandbox of exactly this tier."""
    sandbox = start(tier)
    if sandbox.tier != tier:
        sandbox.close()
        pytest.skip(f"this machine does not offer tier {tier}")
    return sandbox


def warm(sandbox: Sandbox) -> WarmProcess:
    """The warm process that a sandbox has started itself."""
    assert isinstance(sandbox._warm, WarmProcess)
    return sandbox._warm


def ready(sandbox: Sandbox) -> Child:
    """A child that has set itself up: killed before that, it would count as a failed set-up."""
    child = sandbox.fork()
    ask(child, "measure", "")
    return child


def soon(seconds: float = 60) -> float:
    return time.monotonic() + seconds


def tell(child: Child, name: str, *arguments: object, seconds: float = 60) -> None:
    child.send(json.dumps([name, arguments]).encode() + b"\n", soon(seconds))


def ask(child: Child, name: str, *arguments: object, seconds: float = 60) -> Any:
    tell(child, name, *arguments, seconds=seconds)
    return json.loads(child.receive(REPLY, soon(seconds)))


def end(child: Child, name: str, *arguments: object) -> Exit:
    """Ask for something that ends the child; how it ended."""
    with pytest.raises(ChildEnded) as caught:
        ask(child, name, *arguments)
    assert caught.value.exit == child.kill()
    return caught.value.exit
