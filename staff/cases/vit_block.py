"""Cases of 3c: the encoder block, by torch's own encoder layer around a stand-in for the attention.

Sources: Dosovitskiy et al. 2021, "An Image Is Worth 16x16 Words", Figure 2; Vaswani et al. 2017, "Attention Is All You
Need", section 3.3.
"""

from collections.abc import Callable
from functools import partial
from itertools import product

import torch
import vit_stand_ins as stand_ins
from case_gradients import gradients
from case_parameters import Parameters, linear, normalisation, table
from torch import Tensor, nn
from torch.nn import functional as F

from autograder.checks import Case, Rng, recipe

Function = Callable[[Tensor], Tensor]
FIRST, SECOND = "first linear layer of the MLP", "second linear layer of the MLP"


def torch_block(
    parameters: Parameters, x: Tensor, activation: str | Function = F.gelu, norm_first: bool = True
) -> Tensor:
    """torch's own encoder layer with these parameters, the stand-in for its attention, and no dropout."""
    hidden, dim = parameters[f"{FIRST}.weight"].shape
    layer = nn.TransformerEncoderLayer(
        dim, 1, hidden, dropout=0.0, activation=activation, batch_first=True, norm_first=norm_first
    )
    roles = {"norm1": "LN1", "norm2": "LN2", "linear1": FIRST, "linear2": SECOND}
    kinds = ("weight", "bias")
    values = {f"{name}.{kind}": parameters[f"{role}.{kind}"] for (name, role), kind in product(roles.items(), kinds)}
    layer._sa_block = lambda x, *_, **__: stand_ins.Attention()(x)  # type: ignore[method-assign]
    layer.requires_grad_(False)  # its attention keeps its own weights, unused
    output: Tensor = torch.func.functional_call(layer, values, (x,))
    return output


def block_of_variables(activation: Callable[[Tensor], Tensor], variables: Parameters) -> Tensor:
    """The block's output (batch, tokens, dim) from its parameters and, as "0", its input."""
    return torch_block(variables, variables["0"], activation)


@recipe(
    "vit_block",
    sizes=table("batch tokens dim num_heads mlp_dim", (2, 5, 6, 3, 8), (3, 4, 10, 2, 7), (4, 7, 9, 1, 20)),
)
def vit_block(rng: Rng, batch: int, tokens: int, dim: int, num_heads: int, mlp_dim: int) -> Case:
    """Tokens through a pre-norm encoder block; GELU by either formula, linear layers with or without biases."""
    x = rng.normal(batch, tokens, dim)
    parameters = {
        **normalisation(rng, "LN1", dim),
        **normalisation(rng, "LN2", dim),
        **linear(rng, FIRST, mlp_dim, dim),
        **linear(rng, SECOND, dim, mlp_dim),
    }
    accepted, weights = {}, rng.normal(*x.shape)
    for approximate, first, second in product(("none", "tanh"), (1, 0), (1, 0)):
        biases = {f"{FIRST}.bias": first * parameters[f"{FIRST}.bias"]}
        biases[f"{SECOND}.bias"] = second * parameters[f"{SECOND}.bias"]
        name = f"GELU {approximate}, {first} bias in the first layer, {second} in the second"
        activation = partial(F.gelu, approximate=approximate)
        variables = parameters | biases
        found = gradients(partial(block_of_variables, activation), variables | {"0": x}, weights)
        accepted[name] = {"output": torch_block(variables, x, activation), **found}
    return Case(
        inputs=(
            (dim, num_heads, mlp_dim),
            {"Attention": stand_ins.source(stand_ins.Attention)},
            parameters,
            x,
            weights,
        ),
        outputs=accepted.pop(next(iter(accepted))),
        mistakes={key: {"output": value} for key, value in wrong_blocks(parameters, x).items()},
        accepted=accepted,
    )


def wrong_blocks(parameters: Parameters, x: Tensor) -> dict[str, Tensor]:
    """What each known mistake in a block makes of the tokens x."""
    attend = stand_ins.Attention()

    def norm(number: int) -> Function:
        weight, bias = parameters[f"LN{number}.weight"], parameters[f"LN{number}.bias"]
        return lambda x: F.layer_norm(x, x.shape[-1:], weight, bias)

    def mlp(x: Tensor, activation: Function = F.gelu) -> Tensor:
        hidden = activation(F.linear(x, parameters[f"{FIRST}.weight"], parameters[f"{FIRST}.bias"]))
        return F.linear(hidden, parameters[f"{SECOND}.weight"], parameters[f"{SECOND}.bias"])

    LN1, LN2 = norm(1), norm(2)

    def block(
        *, skip1: Function = torch.clone, norm1: Function = LN1, skip2: Function = torch.clone, norm2: Function = LN2,
        mlp: Function = mlp,
    ) -> Tensor:  # fmt: skip
        attended = skip1(x) + attend(norm1(x))
        return skip2(attended) + mlp(norm2(attended))

    once = x + attend(LN1(x))
    fed = x + mlp(LN2(x))
    inside = x + LN1(attend(x))
    return {
        "post-norm": torch_block(parameters, x, norm_first=False),
        "norm of the branch's result": inside + LN2(mlp(inside)),
        "ReLU": torch_block(parameters, x, "relu"),
        "activation missing": block(mlp=partial(mlp, activation=torch.clone)),
        "SiLU": block(mlp=partial(mlp, activation=F.silu)),
        "activation after both layers": block(mlp=lambda x: F.gelu(mlp(x))),
        "activation after the second layer": block(mlp=lambda x: F.gelu(mlp(x, torch.clone))),
        "residual in the MLP": block(mlp=lambda x: x + mlp(x)),
        "first residual missing": block(skip1=torch.zeros_like),
        "second residual missing": block(skip2=torch.zeros_like),
        "residuals missing": block(skip1=torch.zeros_like, skip2=torch.zeros_like),
        "second residual from the input": block(skip2=lambda _: x),
        "residuals from the normalised tokens": block(skip1=LN1, skip2=LN2),
        "first residual from the normalised tokens": block(skip1=LN1),
        "second residual from the normalised tokens": block(skip2=LN2),
        "LN1 twice": block(norm2=LN1),
        "LN2 twice": block(norm1=LN2),
        "norms exchanged": block(norm1=LN2, norm2=LN1),
        "first norm missing": block(norm1=torch.clone),
        "second norm missing": block(norm2=torch.clone),
        "norms missing": block(norm1=torch.clone, norm2=torch.clone),
        "MLP before the attention": fed + attend(LN1(fed)),
        "attention and MLP side by side": once + mlp(LN2(x)),
        "attention missing": fed,
        "MLP missing": once,
    }
