"""Checks of Assignment 2-2-1: the window attention of the Swin Transformer."""

from autograder.checks import Case, Mistake, Student, expect, question

# The handout's own layers.
ONES = """
import torch
from torch import nn


class {name}(nn.Module):
    def __init__(self, {dimensions}):
        super().__init__()
        self.mlp = nn.Linear({arguments})
        self.initialize_weights_ones()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mlp(x)

    def initialize_weights_ones(self):
        nn.init.ones_(self.mlp.weight)
        nn.init.ones_(self.mlp.bias)
"""

# Layers of ones make all channels equal, which would hide where the heads are. In these the channels differ. Layers of
# one kind and size have the same weights, so that it does not matter in which order q, k and v are made.
WAVES = """
import torch
from torch import nn


class {name}(nn.Module):
    def __init__(self, {dimensions}):
        super().__init__()
        self.mlp = nn.Linear({arguments})
        self.initialize_weights_ones()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mlp(x)

    def initialize_weights_ones(self):
        rows, columns = self.mlp.weight.shape
        index = torch.arange(rows * columns, dtype=torch.float64)
        weight = torch.sin({frequency} * index**2 + 1) * (2 / columns) ** 0.5
        with torch.no_grad():
            self.mlp.weight.copy_(weight.view(rows, columns))
            self.mlp.bias.copy_(torch.cos({frequency} * index[:rows]))
"""


def given_layers(source: str) -> dict[str, str]:
    """Python source of the two classes that the handout gives."""
    identity = source.format(name="IdentityMLP", dimensions="dim: int", arguments="dim, dim", frequency=1.0)
    concat = source.format(
        name="HeaderConcatMLP", dimensions="in_dim: int, out_dim: int", arguments="in_dim, out_dim", frequency=0.7
    )
    return {"IdentityMLP": identity, "HeaderConcatMLP": concat}


GIVEN_LAYERS = {"ones": given_layers(ONES), "waves": given_layers(WAVES)}

MASK = "the mask rule: for rows and for columns, both positions wrapped around or neither did"
HEADS = "d = C / num_heads; head i takes the channels i * d to (i + 1) * d - 1 of every position"
SHIFT = "step 2 rolls by (-(h // 2), -(w // 2)) before it cuts the windows"
BACK = "step 2 ends with the opposite roll, by (h // 2, w // 2)"
SCALE = "softmax(q k^T / sqrt(d)) v, where d = C / num_heads"
SOFTMAX = "the softmax runs over the keys, the last dimension of q k^T"

MISTAKES = {
    "no mask": Mistake("the shifted windows are not masked", MASK, earns=20),
    "no shift": Mistake("step 2 does not shift the windows", SHIFT, earns=10),
    "masked without a shift": Mistake("step 2 masks windows that it did not shift", SHIFT, earns=10),
    "step 1 alone": Mistake("this is the result of step 1; the shifted windows are missing", SHIFT, earns=10),
    "not rolled back": Mistake("the result is not rolled back", BACK, earns=10),
    "neither masked nor rolled back": Mistake("the shifted windows are neither masked nor rolled back", MASK),
    "rolled back the wrong way": Mistake("the result is rolled on, not back", BACK),
    "rolled the other way": Mistake("the windows are shifted in the opposite direction", SHIFT),
    "shift rounded up": Mistake(
        "the shift is the larger half of an odd window side",
        "operator precedence: -h // 2 is -2 when h is 3, -(h // 2) is -1",
    ),
    "window sides exchanged": Mistake("height and width of the window are exchanged", "window_size is (h, w)"),
    "windows left in a row": Mistake(
        "the windows are not put back where they were cut", "undo, in reverse order, what cut the windows"
    ),
    "step 2 not given step 1": Mistake("step 2 starts from x", "step 2 works on the result of step 1"),
    "mask for rows only": Mistake("the mask ignores the columns that wrapped around", MASK),
    "mask for columns only": Mistake("the mask ignores the rows that wrapped around", MASK),
    "mask regions merged": Mistake("the mask takes wrapped rows for wrapped columns", MASK),
    "mask inverted": Mistake("the mask hides what should be seen and shows what should be hidden", MASK),
    "mask too small": Mistake(
        "the mask is so small that large scores come through", "add -100 or less, or -inf", earns=24
    ),
    "mask multiplied": Mistake("masked scores are set to 0, which softmax does not ignore", "exp(0) is 1"),
    "mask after the softmax": Mistake("the mask comes after the softmax", "the remaining attention must sum to 1"),
    "mask in step 1 too": Mistake("step 1 is masked too", "step 1 has no mask: nothing wrapped around there"),
    "heads interleaved": Mistake("the heads take every num_heads-th channel", HEADS),
    "heads merged interleaved": Mistake("the heads are merged in another order than they were cut", HEADS),
    "heads not transposed": Mistake("a head is cut across positions: the transpose is missing", HEADS),
    "heads not transposed back": Mistake("the heads are merged without transposing back", HEADS),
    "heads never transposed": Mistake("heads are cut across positions: the transposes are missing", HEADS),
    "no scaling": Mistake("the scores are not divided by sqrt(d)", SCALE),
    "scaled by all channels": Mistake("the scores are divided by sqrt(C)", SCALE),
    "divided by head_dim": Mistake("the scores are divided by d", SCALE),
    "softmax over the queries": Mistake("the softmax runs over the queries", SOFTMAX),
    "softmax over the heads": Mistake("the softmax runs over the heads", SOFTMAX),
    "softmax over the batch": Mistake("the softmax runs over the batch", SOFTMAX),
    "softmax over the windows": Mistake("the softmax runs over the windows", SOFTMAX),
    "no IdentityMLP": Mistake("q, k and v are x itself", "q, k and v each come from an IdentityMLP(C)"),
    "no HeaderConcatMLP": Mistake("the merged heads pass through no layer", "HeaderConcatMLP(C, C) merges heads"),
    "residual added": Mistake("x is added to the attention", "this block has no residual connection"),
}


@question("2-2-1", points=30, cases="swin_block")
def test_window_transformer_block(student: Student, case: Case) -> None:
    """Positions attend within windows, then within shifted windows to those that were neighbours before the shift."""
    student.given(**GIVEN_LAYERS[case.sizes["weights"]])
    output = student.cal_window_transformer_block(*case.inputs)
    expect.matches(
        output,
        case,
        dims={"output": "(B, H, W, C)"},
        mistakes=MISTAKES,
        atol=1e-4,
        rtol=1e-4,
        look_at="a picture of 4 x 4 positions with one channel, windows of 2 x 2: step 1 by hand, then step 2",
    )
