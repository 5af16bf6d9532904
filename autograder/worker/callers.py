"""Who made a call: torch's own code, on behalf of what was called there, or somebody else."""

import os
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
    "torch._decomp",
    "torch._refs",
    "torch._prims",
    "torch._inductor",
    "torch.onnx",
    "torch.export",
    "torch._export",
)
_is_torch: dict[CodeType, bool] = {}


def is_torch(code: CodeType) -> bool:
    """Whether code is torch's own, or passes its calls on for the record."""
    known = _is_torch.get(code)
    if known is None:
        name = code.co_filename
        known = _is_torch[code] = name.startswith(_TORCH) or code in _watching
    return known


_watching: set[CodeType] = set()


def passes_on(code: CodeType) -> None:
    """Says that code of ours passes on what torch's own code calls."""
    _watching.add(code)


def torch_frames(frame: FrameType | None) -> list[FrameType]:
    """The frames of torch's own code that a call came through, the innermost first, without mere passing."""
    frames = []
    while frame is not None and is_torch(frame.f_code):
        if frame.f_code not in _watching and not frame.f_code.co_filename.startswith(_PASSING):
            frames.append(frame)
        frame = frame.f_back
    return frames


def is_written_again(frame: FrameType) -> bool:
    """Whether code belongs to a package in which torch writes its own functions once more."""
    package = str(frame.f_globals.get("__name__"))
    return any(f"{package}.".startswith(f"{one}.") for one in _AGAIN)
