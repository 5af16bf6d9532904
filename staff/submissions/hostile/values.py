"""Answers that lie or bite: tensors that are not what they say, and objects that raise when they are looked at."""

from corpus import Hostile

_LIAR = """
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, given=(), named=None):
        if function in (torch.Tensor.clone, torch.Tensor.contiguous, torch.Tensor.detach):
            raise KeyboardInterrupt
        return True
    shape = property(lambda self: (1 << 60,))
    def numel(self):
        return -1
output = torch.zeros_like(hidden).as_subclass(Liar)
"""

_SAYS_YES = """
class Yes:
    def __eq__(self, other): return True
    def __le__(self, other): return True
    def __ge__(self, other): return True
    def __sub__(self, other): return 0
    def __abs__(self): return 0
    def __bool__(self): return True
    def __float__(self): return 0.0
    def __array__(self, *given, **named): return hidden.numpy()
    def __torch_function__(self, *given, **named): return True
output = Yes()
"""

_RAISES = """
class Raises:
    def __getattribute__(self, name): raise SystemExit(name)
    def __repr__(self): raise KeyboardInterrupt
    def __len__(self): os._exit(3)
    def __iter__(self): raise MemoryError
    def __hash__(self): raise RecursionError
output = [Raises(), {"key": Raises()}, (Raises(),)]
"""

_CLASS = """
class Pretends:
    @property
    def __class__(self):
        return torch.Tensor
output = Pretends()
"""

_META_CLASS = """
class Meta(type):
    @property
    def __name__(cls): raise KeyboardInterrupt
    def __instancecheck__(cls, other): return True
class Named(metaclass=Meta):
    __module__ = "numpy"
output = Named()
"""

_ENDLESS = """
class Endless(list):
    def __iter__(self):
        while True:
            yield hidden
    def __len__(self): return 1
output = Endless([hidden])
"""

_ITSELF = """
output = []
output.append(output)
output.append({"again": output})
"""

_STORAGE = """
output = torch.empty(0, dtype=torch.float64).set_(torch.zeros(1, dtype=torch.float64).untyped_storage(), 0, (1,), (1,))
output.untyped_storage().resize_(0)
"""

CASES = tuple(
    Hostile(name, "values", code)
    for name, code in (
        ("a subclass that lies", _LIAR),
        ("stride 0, petabytes", "output = torch.zeros(1, dtype=torch.float64).expand(1 << 47)"),
        ("stride 0, the right shape", "output = torch.zeros(1, 1, dtype=torch.float64).expand(hidden.shape)"),
        ("no data", "output = torch.empty(hidden.shape, dtype=torch.float64, device='meta')"),
        ("sparse", "output = torch.zeros_like(hidden).to_sparse()"),
        ("quantized", "output = torch.quantize_per_tensor(torch.zeros(hidden.shape), 0.1, 0, torch.qint8)"),
        ("NaN", "output = torch.full_like(hidden, float('nan'))"),
        ("infinity", "output = torch.full_like(hidden, float('inf'))"),
        ("complex", "output = torch.zeros(hidden.shape, dtype=torch.complex128).conj()"),
        ("more than a reply may hold", "output = torch.zeros(9 << 20, dtype=torch.float64)"),
        ("no elements", "output = torch.zeros(0, *hidden.shape, dtype=torch.float64)"),
        ("a thousand dimensions", "output = torch.zeros([1] * 1000, dtype=torch.float64)"),
        ("storage taken away", _STORAGE),
        ("an object that equals everything", _SAYS_YES),
        ("objects that raise", _RAISES),
        ("an object that says it is a tensor", _CLASS),
        ("a class that says it is numpy's", _META_CLASS),
        ("a list without end", _ENDLESS),
        ("a list in itself", _ITSELF),
        ("ten million numbers", "output = [0.0] * 10_000_000"),
        ("a text of 100 MB", "output = 'x' * (100 << 20)"),
        ("a number of a million digits", "output = 1 << 4_000_000"),
        ("half a character", "output = chr(0xD800) * 1000"),
        ("a function", "output = os._exit"),
    )
)
