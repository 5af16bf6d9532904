"""Who made a call: torch's own code, on behalf of what was called there, or somebody else."""

import os
from functools import cache
from pathlib import Path
from types import CodeType, FrameType

import torch

_TORCH = f"{Path(torch.__file__).parent}{os.sep}"
# Through these a call only passes on its way to what it names.
_PASSING = tuple(
    _TORCH + name
    for name in (
        "overrides.py", "_ops.py", "_VF.py", "_jit_internal.py", "_compile.py", "_prims_common", "_dynamo",
        f"utils{os.sep}_contextlib.py", f"nn{os.sep}modules{os.sep}module.py",
    )
)  # fmt: skip
# Packages in which torch writes its own functions once more, for its compilers and exporters.
_AGAIN = (
    "torch._decomp.",
    "torch._refs.",
    "torch._prims.",
    "torch._inductor.",
    "torch.onnx.",
    "torch.export.",
    "torch._export.",
)
_watching: list[CodeType] = []


def is_torch(code: CodeType) -> bool:
    """Whether code is torch's own, or passes its calls on for the record."""
    # Found by no dictionary: to hash a code object takes longer than this.
    return code.co_filename.startswith(_TORCH) or _is_watching(code)


def passes_on(code: CodeType) -> None:
    """Says that code of ours passes on what torch's own code calls."""
    if not _is_watching(code):
        _watching.append(code)


def _is_watching(code: CodeType) -> bool:
    for one in _watching:  # noqa: SIM110  # for every call of torch: `any` with a generator takes three times as long
        if one is code:
            return True
    return False


def torch_frames(frame: FrameType | None) -> list[FrameType]:
    """The frames of torch's own code that a call came through, the innermost first, without mere passing."""
    frames = []
    while frame is not None and is_torch(frame.f_code):
        if not _is_passing(frame.f_code.co_filename) and not _is_watching(frame.f_code):
            frames.append(frame)
        frame = frame.f_back
    return frames


@cache
def _is_passing(filename: str) -> bool:
    return filename.startswith(_PASSING)


def is_written_again(frame: FrameType) -> bool:
    """Whether code belongs to a package in which torch writes its own functions once more."""
    return f"{frame.f_globals.get('__name__')}.".startswith(_AGAIN)
