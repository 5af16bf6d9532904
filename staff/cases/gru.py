"""Recipes of the GRU questions: torch.nn.GRUCell and autograd say what is right, small formulas what mistakes give.

A mistake in the equations has one name in both questions: its gradients are autograd's through the mistaken equations.
Mistakes of the backward pass alone are switches of `gradients_by_hand`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import linear

from autograder.checks import Case, Rng, recipe

# A batch of one catches a sum over the wrong dimension, the large input drives gates into saturation.
SIZES = [
    {"batch": 2, "input": 3, "hidden": 4},
    {"batch": 5, "input": 7, "hidden": 6},
    {"batch": 1, "input": 6, "hidden": 5},
    {"batch": 4, "input": 2, "hidden": 7, "scale": 6},
]
GRADIENTS = ("grad_hidden", "grad_weight_ih", "grad_weight_hh", "grad_bias_ih", "grad_bias_hh")
OTHER_ROW_ORDERS = ("rnz", "nrz", "nzr", "znr")  # zrn is "gates exchanged"
BLOCKS = {"r": "reset", "z": "update", "n": "new"}


def draw_inputs(rng: Rng, batch: int, input: int, hidden: int, scale: float) -> tuple[Tensor, ...]:
    """input, hidden, weight_ih, weight_hh, bias_ih and bias_hh; at scale 1 the gates are neither open nor closed."""
    normal = partial(rng.normal, dtype=torch.float64)
    return (
        normal(batch, input, scale=scale),
        normal(batch, hidden),
        normal(3 * hidden, input, scale=0.7),
        normal(3 * hidden, hidden, scale=0.7),
        normal(3 * hidden, scale=0.7),
        normal(3 * hidden, scale=0.7),
    )


def gru_cell(
    input: Tensor, hidden: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias_ih: Tensor, bias_hh: Tensor
) -> Tensor:
    """The oracle: torch.nn.GRUCell in float64 with these parameters; (batch, hidden)."""
    cell = torch.nn.GRUCell(input.shape[1], hidden.shape[1], dtype=torch.float64)
    parameters = {"weight_ih": weight_ih, "weight_hh": weight_hh, "bias_ih": bias_ih, "bias_hh": bias_hh}
    output: Tensor = torch.func.functional_call(cell, parameters, (input, hidden))
    return output


def gradients(forward: Callable[..., Tensor], grad_output: Tensor, inputs: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Autograd through `forward`, with respect to all but the input; a parameter that it ignores has gradient zero."""
    fixed, *wanted = (tensor.clone() for tensor in inputs)
    for tensor in wanted:
        tensor.requires_grad_()
    # Of one number: given grad_output, autograd imports half a second's worth of modules.
    found = torch.autograd.grad((forward(fixed, *wanted) * grad_output).sum(), wanted, materialize_grads=True)
    return dict(zip(GRADIENTS, found, strict=True))


@dataclass(frozen=True)
class Terms:
    """What the last two equations are made of, each (batch, hidden) but the bias.

    i: input term of the new block with its bias; u: its recurrent term without the bias b; v: its recurrent term of the
    reset state r * h; r, z: the gates; h: the previous state.
    """

    i: Tensor
    u: Tensor
    b: Tensor
    v: Tensor
    r: Tensor
    z: Tensor
    h: Tensor


def forgotten(bias: Tensor) -> Tensor:
    """Zeros that have the bias's gradient: who does not add a bias has to return a gradient for it all the same."""
    return bias - bias.detach()


def equations(
    input: Tensor,
    hidden: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor,
    bias_hh: Tensor,
    *,
    rows: str = "rzn",
    gate: Callable[[Tensor], Tensor] = torch.sigmoid,
    squash: Callable[[Tensor], Tensor] = torch.tanh,
    candidate: Callable[[Terms], Tensor] = lambda t: t.i + t.r * (t.u + t.b),
    output: Callable[[Terms, Tensor], Tensor] = lambda t, n: t.z * t.h + (1 - t.z) * n,
    forget: tuple[str, ...] = (),
) -> Tensor:
    """The handout's equations, with the parts that students get wrong as arguments; `forget` names biases not added."""
    bias_ih, bias_hh = (
        forgotten(bias) if name in forget else bias for name, bias in (("bias_ih", bias_ih), ("bias_hh", bias_hh))
    )
    i = dict(zip(rows, linear(input, weight_ih, bias_ih).chunk(3, 1), strict=True))
    u = dict(zip(rows, linear(hidden, weight_hh).chunk(3, 1), strict=True))
    b = dict(zip(rows, bias_hh.chunk(3), strict=True))
    r, z = (gate(i[block] + u[block] + b[block]) for block in "rz")
    v = linear(r * hidden, weight_hh).chunk(3, 1)[rows.index("n")]
    terms = Terms(i["n"], u["n"], b["n"], v, r, z, hidden)
    return output(terms, squash(candidate(terms)))


def with_recurrent_bias_twice(
    input: Tensor, hidden: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias_ih: Tensor, bias_hh: Tensor
) -> Tensor:
    """The reset gate adds its recurrent bias in the place of the input's, too."""
    reset, _, _ = bias_hh.detach().chunk(3)
    own, update, new = bias_ih.chunk(3)
    return equations(input, hidden, weight_ih, weight_hh, torch.cat([reset + forgotten(own), update, new]), bias_hh)


WRONG_EQUATIONS: dict[str, Callable[..., Tensor]] = {
    "gates exchanged": partial(equations, rows="zrn"),
    **{
        f"row order {', '.join(BLOCKS[block] for block in rows)}": partial(equations, rows=rows)
        for rows in OTHER_ROW_ORDERS
    },
    "z and 1 - z exchanged": partial(equations, output=lambda t, n: (1 - t.z) * t.h + t.z * n),
    "bias outside r": partial(equations, candidate=lambda t: t.i + t.r * t.u + t.b),
    "reset before the product": partial(equations, candidate=lambda t: t.i + t.v + t.b),
    "reset missing": partial(equations, candidate=lambda t: t.i + t.u + t.b),
    "reset times everything": partial(equations, candidate=lambda t: t.r * (t.i + t.u + t.b)),
    "reset times the input term": partial(equations, candidate=lambda t: t.r * t.i + t.u + t.b),
    "bias_ih missing": partial(equations, forget=("bias_ih",)),
    "bias_hh missing": partial(equations, forget=("bias_hh",)),
    "biases missing": partial(equations, forget=("bias_ih", "bias_hh")),
    "bias_hh missing in the new block": partial(equations, candidate=lambda t: t.i + t.r * (t.u + forgotten(t.b))),
    "recurrent bias twice": with_recurrent_bias_twice,
    "sigmoid for tanh": partial(equations, squash=torch.sigmoid),
    "tanh for sigmoid": partial(equations, gate=torch.tanh),
    "sigmoid and tanh exchanged": partial(equations, gate=torch.tanh, squash=torch.sigmoid),
    "tanh missing": partial(equations, squash=torch.clone),
    "previous state missing": partial(equations, output=lambda t, n: (1 - t.z) * n),
    "1 - z missing": partial(equations, output=lambda t, n: t.z * t.h + n),
    "update gate unused": partial(equations, output=lambda _, n: n),
}


@recipe("gru_forward", sizes=SIZES)
def gru_forward(rng: Rng, batch: int, input: int, hidden: int, scale: float = 1.0) -> Case:
    """One step of a cell, with what each wrong equation would give."""
    inputs = draw_inputs(rng, batch, input, hidden, scale)
    return Case(
        inputs=inputs,
        outputs={"output": gru_cell(*inputs)},
        mistakes={name: {"output": wrong(*inputs)} for name, wrong in WRONG_EQUATIONS.items()},
    )


def gradients_by_hand(
    grad_output: Tensor,
    inputs: tuple[Tensor, ...],
    *,
    slope_of_tanh: Callable[[Tensor, Tensor], Tensor] = lambda _, after: 1 - after**2,
    slope_of_sigmoid: Callable[[Tensor, Tensor], Tensor] = lambda _, after: after * (1 - after),
    into_gates: tuple[float, float] = (1.0, 1.0),
    complement: bool = True,
    bias_in_reset: bool = True,
    reset_in_rows: tuple[bool, bool] = (False, True),
    paths: tuple[float, float] = (1.0, 1.0),
    rows: str = "rzn",
    divide_by: float = 1.0,
) -> dict[str, Tensor]:
    """Backward pass of the right equations, with the parts that students get wrong as arguments.

    The slopes are functions of a nonlinearity's argument and value, both (batch, hidden). `into_gates` scales what
    flows into the reset and the update gate, `complement` says whether what flows into n carries 1 - z, `paths` scales
    what reaches hidden directly and through the blocks. `bias_in_reset`: the reset gate's gradient sees U h + b, not
    U h. `reset_in_rows`: which side (input, recurrent) of the new block carries r. `rows`: the order in which the
    returned gradients stack the blocks. `divide_by` divides the parameters' gradients.
    """
    input, hidden, weight_ih, weight_hh, bias_ih, bias_hh = inputs
    i_r, i_z, i_n = linear(input, weight_ih, bias_ih).chunk(3, 1)
    u_r, u_z, u_n = linear(hidden, weight_hh, bias_hh).chunk(3, 1)
    r, z = torch.sigmoid(i_r + u_r), torch.sigmoid(i_z + u_z)
    before = i_n + r * u_n
    n = torch.tanh(before)
    d_n = grad_output * (1 - z if complement else 1.0) * slope_of_tanh(before, n)
    d_z = into_gates[1] * grad_output * (hidden - n) * slope_of_sigmoid(i_z + u_z, z)
    seen = u_n if bias_in_reset else u_n - bias_hh.chunk(3)[2]
    d_r = into_gates[0] * d_n * seen * slope_of_sigmoid(i_r + u_r, r)
    side_ih, side_hh = ({"r": d_r, "z": d_z, "n": d_n * r if has_reset else d_n} for has_reset in reset_in_rows)
    found_ih, found_hh = (torch.cat([side[block] for block in rows], 1) / divide_by for side in (side_ih, side_hh))
    through_blocks = torch.cat([side_hh[block] for block in "rzn"], 1) @ weight_hh
    grad_hidden = paths[0] * grad_output * z + paths[1] * through_blocks
    found = (grad_hidden, found_ih.T @ input, found_hh.T @ hidden, found_ih.sum(0), found_hh.sum(0))
    return dict(zip(GRADIENTS, found, strict=True))


def _slope_of_one(before: Tensor, _: Tensor) -> Tensor:
    return torch.ones_like(before)


WRONG_BACKWARD: dict[str, Callable[..., dict[str, Tensor]]] = {
    "tanh derivative missing": partial(gradients_by_hand, slope_of_tanh=_slope_of_one),
    "tanh derivative of its value": partial(gradients_by_hand, slope_of_tanh=lambda _, after: 1 - after.tanh() ** 2),
    "tanh derivative without tanh": partial(gradients_by_hand, slope_of_tanh=lambda before, _: 1 - before**2),
    "sigmoid derivative missing": partial(gradients_by_hand, slope_of_sigmoid=_slope_of_one),
    "sigmoid derivative of its value": partial(
        gradients_by_hand, slope_of_sigmoid=lambda _, after: after.sigmoid() * (1 - after.sigmoid())
    ),
    "derivatives missing": partial(gradients_by_hand, slope_of_tanh=_slope_of_one, slope_of_sigmoid=_slope_of_one),
    "1 - z missing in the gradient of n": partial(gradients_by_hand, complement=False),
    "direct path missing": partial(gradients_by_hand, paths=(0.0, 1.0)),
    "recurrent paths missing": partial(gradients_by_hand, paths=(1.0, 0.0)),
    "update gate's sign": partial(gradients_by_hand, into_gates=(1.0, -1.0)),
    "reset gate's gradient missing": partial(gradients_by_hand, into_gates=(0.0, 1.0)),
    "update gate's gradient missing": partial(gradients_by_hand, into_gates=(1.0, 0.0)),
    "bias_hh missing in the reset gate's gradient": partial(gradients_by_hand, bias_in_reset=False),
    "r missing in the recurrent rows": partial(gradients_by_hand, reset_in_rows=(False, False)),
    "r in the input rows": partial(gradients_by_hand, reset_in_rows=(True, True)),
    "mean over the batch": lambda grad_output, inputs: gradients_by_hand(
        grad_output, inputs, divide_by=grad_output.shape[0]
    ),
    "grad_output unused": lambda grad_output, inputs: gradients_by_hand(torch.ones_like(grad_output), inputs),
    "gradient rows exchanged": partial(gradients_by_hand, rows="zrn"),
    **{
        f"gradient rows {', '.join(BLOCKS[block] for block in rows)}": partial(gradients_by_hand, rows=rows)
        for rows in OTHER_ROW_ORDERS
    },
}


@recipe("gru_backward", sizes=SIZES)
def gru_backward(rng: Rng, batch: int, input: int, hidden: int, scale: float = 1.0) -> Case:
    """The gradients of one step, with what wrong equations and wrong backward passes would give."""
    inputs = draw_inputs(rng, batch, input, hidden, scale)
    grad_output = rng.normal(batch, hidden, dtype=torch.float64)
    mistakes = {name: wrong(grad_output, inputs) for name, wrong in WRONG_BACKWARD.items()}
    mistakes |= {name: gradients(wrong, grad_output, inputs) for name, wrong in WRONG_EQUATIONS.items()}
    outputs = gradients(gru_cell, grad_output, inputs)
    exchanged = {"grad_bias_ih": outputs["grad_bias_hh"], "grad_bias_hh": outputs["grad_bias_ih"]}
    return Case((grad_output, *inputs), outputs, mistakes | {"bias gradients exchanged": exchanged})
