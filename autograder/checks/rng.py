"""Seeded tensors: the only source of randomness in cases and checks."""

import hashlib

import numpy as np
import torch


class Rng:
    """Tensors drawn from NumPy's PCG64, which gives the same stream on every platform and version.

    `Rng("public", "convolution", 0)` is seeded by all its parts; `str(rng)` prints them.
    """

    def __init__(self, *seed: object) -> None:
        self.seed = tuple(str(part) for part in seed)
        digest = hashlib.sha256("\0".join(self.seed).encode()).digest()
        self._generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))

    def __str__(self) -> str:
        return f"Rng({', '.join(self.seed)})"

    def fork(self, name: object) -> "Rng":
        """An independent stream, fixed by this one's seed and `name`."""
        return Rng(*self.seed, name)

    def normal(self, *shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Normal numbers of mean 0 and standard deviation `scale`."""
        return torch.from_numpy(np.asarray(self._generator.standard_normal(shape) * scale)).to(dtype)

    def uniform(
        self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Numbers spread evenly over [low, high)."""
        return torch.from_numpy(np.asarray(self._generator.uniform(low, high, shape))).to(dtype)

    def integers(self, low: int, high: int, *shape: int) -> torch.Tensor:
        """Whole numbers of [low, high), dtype long."""
        return torch.from_numpy(np.asarray(self._generator.integers(low, high, shape, dtype=np.int64)))

    def permutation(self, length: int) -> torch.Tensor:
        """0 .. length - 1 in a random order that is never the identity when length > 1, dtype long."""
        order = self._generator.permutation(length)
        if length > 1 and (order == np.arange(length)).all():
            order = np.roll(order, 1)
        return torch.from_numpy(order)
