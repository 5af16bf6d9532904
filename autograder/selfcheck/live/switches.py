"""What changes everything that torch makes, and what code may leave switched."""

from dataclasses import dataclass

import torch
from torch._C import _len_torch_function_stack, _pop_torch_function_stack

_set_default_device = torch.set_default_device  # as it is before accelerators are stood in for


@dataclass(frozen=True)
class Switches:
    """The default dtype and device of torch, None for the CPU as it is at the start, and whether it keeps graphs."""

    dtype: torch.dtype = torch.float32
    device: torch.device | None = None
    gradients: bool = True

    @classmethod
    def now(cls) -> "Switches":
        """As they are."""
        context = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
        device = None if context is None else context.device
        return cls(torch.get_default_dtype(), device, torch.is_grad_enabled())

    def put(self, modes: int) -> None:
        """Puts them in force, above so many function modes that were entered; what was entered later is left."""
        _set_default_device(None)  # which is a mode, too
        while _len_torch_function_stack() > modes:
            _pop_torch_function_stack()
        if self.device is not None:
            _set_default_device(self.device)
        torch.set_default_dtype(self.dtype)
        torch.set_grad_enabled(self.gradients)


def entered_modes() -> int:
    """How many function modes are entered beside that of the default device."""
    return _len_torch_function_stack() - (Switches.now().device is not None)
