"""Assignment2-1_RNN.ipynb, 2-1-1: one step of a gated recurrent unit, forward and backward, by hand."""

from collections.abc import Iterable, Mapping

import torch

from autograder.checks import Case, Mistake, Student, expect, question, say

FORBIDDEN = [
    # PyTorch's own GRU
    "torch.nn.GRU*", "torch.gru*", "torch._VF.*", "torch.ops.*",
    "torch._C",  # without ".*": the record of calls knows harmless ones such as linear as torch._C._nn.linear
    # automatic differentiation
    "torch.autograd.*", "torch.func.*", "functorch.*", "torch._functorch.*",
    "*.backward", "*.requires_grad*", "*.enable_grad", "*.set_grad_enabled", "*.grad_fn",
    # compilers and threads
    "torch.jit.*", "torch.compile", "torch._dynamo.*",
    "threading.*", "_thread.*", "multiprocessing.*", "torch.multiprocessing.*", "concurrent.futures.*",
]  # fmt: skip

# No proof by itself: a parameter tracks gradients, `torch.tensor(x, requires_grad=False)` does not.
SUSPECT = ["torch.nn.Parameter", "torch.nn.ParameterList"]

ROWS = "the order of the row blocks: reset, update, new"
GATES = "the equations of the gates"
NEW = "the equation of the new content n"
FINAL = "the last equation: z * h + (1 - z) * n"

WRONG_EQUATIONS = {
    "gates exchanged": Mistake("the update and reset gates are exchanged", ROWS),
    "row order reset, new, update": Mistake("the row blocks are read as reset, new, update", ROWS),
    "row order new, reset, update": Mistake("the row blocks are read as new, reset, update", ROWS),
    "row order new, update, reset": Mistake("the row blocks are read as new, update, reset", ROWS),
    "row order update, new, reset": Mistake("the row blocks are read as update, new, reset", ROWS),
    "z and 1 - z exchanged": Mistake("z and 1 - z are exchanged in the last equation", FINAL),
    "bias outside r": Mistake("the bias b_h of the new content is not multiplied by r", NEW),
    "reset before the product": Mistake("r multiplies h before the product with U, not the result", NEW),
    "reset missing": Mistake("the reset gate has no effect on the new content", NEW),
    "reset times everything": Mistake("r multiplies the input's term of the new content, too", NEW),
    "reset times the input term": Mistake("r multiplies the input's term instead of the recurrent one", NEW),
    "bias_ih missing": Mistake("bias_ih is not added", GATES),
    "bias_hh missing": Mistake("bias_hh is not added", GATES),
    "biases missing": Mistake("bias_ih and bias_hh are not added", GATES),
    "bias_hh missing in the new block": Mistake("the last block of bias_hh is not added", NEW),
    "recurrent bias twice": Mistake("the reset gate adds b_hr twice, and b_wr not at all", GATES),
    "sigmoid for tanh": Mistake("the new content goes through a sigmoid instead of tanh", NEW),
    "tanh for sigmoid": Mistake("the gates go through tanh instead of a sigmoid", GATES),
    "sigmoid and tanh exchanged": Mistake("sigmoid and tanh are exchanged", "which equations have a sigmoid"),
    "tanh missing": Mistake("the new content does not go through tanh", NEW),
    "previous state missing": Mistake("z * h is missing in the last equation", FINAL),
    "1 - z missing": Mistake("the new content is not multiplied by 1 - z in the last equation", FINAL),
    "update gate unused": Mistake("the new content is returned without the last equation", FINAL),
}

WRONG_BACKWARD = {
    "tanh derivative missing": Mistake("the derivative of tanh is missing", "tanh' = 1 - tanh^2"),
    "tanh derivative of its value": Mistake("tanh is applied twice in its derivative", "n is already the tanh"),
    "tanh derivative without tanh": Mistake("the derivative of tanh uses tanh's argument", "tanh' = 1 - tanh^2"),
    "sigmoid derivative missing": Mistake("the derivative of the sigmoid is missing", "sigmoid' of both gates"),
    "sigmoid derivative of its value": Mistake(
        "the sigmoid is applied twice in its derivative", "r and z are already sigmoids"
    ),
    "derivatives missing": Mistake("the derivatives of tanh and of the sigmoid are missing", "the chain rule"),
    "1 - z missing in the gradient of n": Mistake("what flows back into n lacks the factor 1 - z", FINAL),
    "direct path missing": Mistake(
        "the direct path from hidden to the output (z * h) is missing", "where hidden stands in the last equation"
    ),
    "recurrent paths missing": Mistake(
        "only the direct path z * h is there; the paths through U_r, U_z and U are missing",
        "hidden stands in all four equations",
    ),
    "update gate's sign": Mistake("the gradient of the update gate has the wrong sign", "d output / dz = h - n"),
    "reset gate's gradient missing": Mistake("no gradient flows into the reset gate", "n depends on r"),
    "update gate's gradient missing": Mistake(
        "no gradient flows into the update gate", "the output depends on z twice"
    ),
    "bias_hh missing in the reset gate's gradient": Mistake(
        "the gradient of the reset gate uses U h without the bias b_h", "what r is multiplied with"
    ),
    "r missing in the recurrent rows": Mistake(
        "the recurrent side of the new block lacks the factor r", "r multiplies U h + b_h in the equation of n"
    ),
    "r in the input rows": Mistake(
        "the input side of the new block has the factor r", "r does not multiply W x + b_w in the equation of n"
    ),
    "mean over the batch": Mistake("the mean over the batch is taken where the sum is due", "the sum over all samples"),
    "grad_output unused": Mistake("grad_output has no effect", "the chain rule starts with grad_output"),
    "bias gradients exchanged": Mistake(
        "grad_bias_ih and grad_bias_hh are exchanged", "the order of the return values"
    ),
    "gradient rows exchanged": Mistake("the gradient's rows of the update and reset gates are exchanged", ROWS),
    "gradient rows reset, new, update": Mistake("the gradient's rows are stacked as reset, new, update", ROWS),
    "gradient rows new, reset, update": Mistake("the gradient's rows are stacked as new, reset, update", ROWS),
    "gradient rows new, update, reset": Mistake("the gradient's rows are stacked as new, update, reset", ROWS),
    "gradient rows update, new, reset": Mistake("the gradient's rows are stacked as update, new, reset", ROWS),
}

GRADIENTS = {
    "grad_hidden": "(batch, hidden)",
    "grad_weight_ih": "(3 * hidden, input)",
    "grad_weight_hh": "(3 * hidden, hidden)",
    "grad_bias_ih": "(3 * hidden,)",
    "grad_bias_hh": "(3 * hidden,)",
}

# Far below what any mistake changes, and above the rounding of an answer that computes in float32 somewhere.
TOLERANCE = 1e-5


def single_precision(points: float) -> dict[str, Mistake]:
    """The table of a mistake that no case holds, in a question worth `points`."""
    says = "the values are right, but not torch.double"
    look_at = ".float(), torch.zeros and the like without dtype="
    return {"single precision": Mistake(says, look_at, earns=0.8 * points, in_cases=False)}


FORWARD_PRECISION, BACKWARD_PRECISION = single_precision(10), single_precision(20)


@question("2-1-1a", points=10, cases="gru_forward", forbid=FORBIDDEN)
def test_gru_forward(student: Student, case: Case) -> None:
    """The new state equals that of torch.nn.GRUCell."""
    output = student.gru_forward(*case.inputs)
    expect.matches(
        output,
        case,
        dims={"output": "(batch, hidden)"},
        mistakes=WRONG_EQUATIONS,
        atol=TOLERANCE,
        rtol=TOLERANCE,
        look_at="the four equations above gru_forward, one after the other",
    )
    are_double("gru_forward", [output], FORWARD_PRECISION)


@question("2-1-1b", points=20, cases="gru_backward", forbid=FORBIDDEN, suspect=SUSPECT)
def test_gru_backward(student: Student, case: Case) -> None:
    """Every gradient equals what autograd computes through torch.nn.GRUCell; each is worth four points."""
    gradients = student.gru_backward(*case.inputs)
    flag_differences(student, hidden=case.inputs[2])
    expect.matches(
        gradients,
        case,
        dims=GRADIENTS,
        each=4,
        mistakes=WRONG_BACKWARD | WRONG_EQUATIONS,
        atol=TOLERANCE,
        rtol=TOLERANCE,
        look_at="the chain rule from grad_output down to this parameter; finite differences of gru_forward",
    )
    are_double("gru_backward", gradients, BACKWARD_PRECISION)


def are_double(name: str, tensors: Iterable[torch.Tensor], table: Mapping[str, Mistake]) -> None:
    """Right values are in double precision, too. Raises Mismatch."""
    others = [one for one in tensors if one.dtype is not torch.float64]
    if others:
        kinds = ", ".join(sorted({str(one.dtype) for one in others}))
        lines = (say("expected {what}", what="torch.float64"), say("got {what}", what=kinds))
        expect.raise_mistake(name, "single precision", table, *lines, got=others[0], shows="{}.dtype, torch.float64")


def flag_differences(student: Student, hidden: torch.Tensor) -> None:
    """A gradient that is not derived but measured shows in what ran: the step once for each weight, or complex."""
    activations = student.ran("*.tanh*", "*.sigmoid*", "*.exp*")
    if activations > 12 * hidden.numel():
        student.flag(f"gru_backward calls tanh and sigmoid {activations} times: are these finite differences?")
    if student.ran("*.imag*", "*.complex*", "*.view_as_real*"):
        student.flag("gru_backward computes with complex numbers: are these complex steps?")
