"""In the student's process: saved weights, read without running code in a file, and put into a module."""

import io
import re
import zipfile
from collections.abc import Sequence

import torch


def tensors_of(content: bytes, most: int) -> dict[str, torch.Tensor] | str:
    """The tensors of a `.pt` file that holds a plain `state_dict`, by key; or, as text, what it holds instead.

    They may have `most` bytes together.
    """
    if program := _program(content):
        return f"is {program}, which would run code; save model.state_dict()"
    try:
        value = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # what torch raises for a damaged file is not documented
        return _refusal(str(error))
    value = _opened(value)
    if not isinstance(value, dict) or not value:
        return f"holds a value of type {type(value).__name__}; save model.state_dict()"
    odd = next((key for key, item in value.items() if not isinstance(key, str) or not _is_plain(item)), None)
    if odd is not None:
        return f"is no plain state_dict: under {str(odd)[:60]!r} it holds no tensor; save model.state_dict()"
    # Before any copy: a stride of zero makes petabytes out of one number.
    if sum(tensor.numel() * tensor.element_size() for tensor in value.values()) > most:
        return f"holds weights of more than {most >> 20} MiB and was not read"
    return {key: value.pop(key).detach().contiguous().clone() for key in list(value)}


def _opened(value: object) -> object:
    """The weights in a dictionary around them ({"epoch": 9, "model": ...}), if one value alone is weights."""
    if not isinstance(value, dict) or not value or _are_weights(value):
        return value
    inside = [one for one in map(_opened, value.values()) if _are_weights(one)]
    return inside[0] if len(inside) == 1 else value


def _are_weights(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(_is_plain, value.values()))


def _is_plain(value: object) -> bool:
    return isinstance(value, torch.Tensor) and value.layout == torch.strided and not value.is_meta


def _program(content: bytes) -> str:
    """What kind of program a file is, or "" if it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ""
    if any("/code/" in name or name.endswith("/constants.pkl") for name in names):
        return "a TorchScript program"
    if any(
        name.endswith(("archive_format", "/models/model.json", "serialized_exported_program.json")) for name in names
    ):
        return "an exported program (.pt2)"
    return ""


def _refusal(message: str) -> str:
    called = re.search(r"(?:GLOBAL|Unsupported global:|class|function)[: ]+`?([A-Za-z_][\w.]{1,80})", message)
    if "eights_only" in message or "eights only" in message or called:
        name = f" ({called.group(1)})" if called else ""
        return f"holds pickled code{name}, which is never run; save model.state_dict()"
    return "is damaged, or no file that torch.save wrote"


def restore(module: torch.nn.Module, tensors: dict[str, torch.Tensor]) -> str:
    """Copies tensors into parameters and buffers of the same keys, if all of them fit; what does not fit, otherwise.

    Keys may bear what torch.compile and DataParallel put before them.
    """
    targets = {key: value for key, value in torch.nn.Module.state_dict(module).items() if _is_plain(value)}
    bare = {key.replace("_orig_mod.", ""): value for key, value in tensors.items()}
    for named in (tensors, bare, {key.removeprefix("module."): value for key, value in bare.items()}):
        if not _misfit(targets, named):
            with torch.no_grad():
                for key, value in targets.items():
                    value.copy_(named[key])
            return ""
    return _misfit(targets, tensors)


def _misfit(targets: dict[str, torch.Tensor], tensors: dict[str, torch.Tensor]) -> str:
    """The first key that is missing, of another shape, or too much; "" if all fit."""
    for key, value in targets.items():
        if key not in tensors:
            return f"key {key}: expected shape {tuple(value.shape)}, found no such key in the file"
        if tensors[key].shape != value.shape:
            return f"key {key}: expected shape {tuple(value.shape)}, found shape {tuple(tensors[key].shape)}"
    for key, value in tensors.items():
        if key not in targets:
            return f"key {key}: expected no such key, found shape {tuple(value.shape)}"
    return ""


def load(module: torch.nn.Module, values: dict[str, torch.Tensor], reshape: bool) -> None:
    """Copies tensors into named parameters, which take their shapes if that is asked for; the others stay."""
    parameters = dict(module.named_parameters(remove_duplicate=False))
    with torch.no_grad():
        for name, value in values.items():
            if name in parameters and parameters[name].shape != value.shape and reshape:
                parameters[name].data = torch.empty(value.shape, dtype=parameters[name].dtype)
            if name not in parameters or parameters[name].shape != value.shape:
                found = tuple(parameters[name].shape) if name in parameters else "nothing"
                raise ValueError(f"parameter {name} should have shape {tuple(value.shape)}, there is {found}")
            parameters[name].copy_(value)


def gradients(
    wanted: dict[str, torch.Tensor], values: Sequence[torch.Tensor], weights: Sequence[torch.Tensor]
) -> dict[str, torch.Tensor | None]:
    """The gradients of the wanted tensors by name, of the sum of `values`, each times its `weights`.

    None where no gradient arrives. Raises RuntimeError when what the way back needs was changed in place, ValueError
    for another number of values than of weights.
    """
    # One number: for more, torch first imports its compiler, which takes longer than all the rest of a question.
    sums = [(one * weight).sum() for one, weight in zip(values, weights, strict=True) if one.requires_grad]
    learnt = {name: one for name, one in wanted.items() if one.requires_grad}
    if not sums or not learnt:
        return dict.fromkeys(wanted)
    arrived = torch.autograd.grad(sum(sums[1:], sums[0]), [*learnt.values()], allow_unused=True)
    return dict.fromkeys(wanted) | dict(zip(learnt, arrived, strict=True))
