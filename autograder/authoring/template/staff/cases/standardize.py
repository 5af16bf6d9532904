"""The recipe of question 1: PyTorch's own layer norm says what is right, small formulas what mistakes give."""

import torch
from torch.nn.functional import layer_norm

from autograder.checks import Case, recipe


# All sizes of a case differ, so that no exchange of dimensions passes. The large eps is there to be seen.
@recipe("standardize", sizes=[{"batch": 2, "dim": 3, "eps": 0.1}, {"batch": 5, "dim": 4, "eps": 0.5}])
def standardize(rng, batch, dim, eps):
    """Rows with mean 0 and variance 1, with what each wrong formula would give."""
    x = 2 * rng.normal(batch, dim, dtype=torch.float64) + 1
    centred = x - x.mean(1, keepdim=True)
    variance = x.var(1, correction=0, keepdim=True)
    over_batch = (x - x.mean(0)) / (x.var(0, correction=0) + eps).sqrt()
    mistakes = {
        "over the batch": over_batch,
        "mean kept": x / (variance + eps).sqrt(),
        "root missing": centred / (variance + eps),
        "eps outside the root": centred / (variance.sqrt() + eps),
        "divided by dim - 1": centred / (x.var(1, keepdim=True) + eps).sqrt(),
    }
    return Case(
        inputs=(x, eps),
        outputs={"y": layer_norm(x, (dim,), eps=eps)},
        mistakes={name: {"y": y} for name, y in mistakes.items()},
    )
