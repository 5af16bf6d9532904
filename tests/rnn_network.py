"""Makes a student's RNN of hw4_rnn.ipynb and gives it the parameters of a case, however it stores them."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from torch import Tensor

from autograder.checks import Handle, Mismatch, Part, StudentError, expect, say

Shape = tuple[int, ...]
WEIGHTS = ("weight_ih", "weight_hh", "weight_ho")
BIASES = ("bias_ih", "bias_hh", "bias_ho")


def make(student: Any, *sizes: int) -> Handle:
    """RNN(vocab_size, input_size, hidden_size, num_class); a fifth argument, if it needs one, is a dropout of 0."""
    try:
        network = student.RNN(*sizes)
    except StudentError as error:
        if "missing 1 required positional argument" not in str(error):
            raise
        network = student.RNN(*sizes, 0.0)
    return expect.module("RNN", network)


def own_parameters(network: Handle) -> dict[str, Shape]:
    """Shapes of the parameters that are no layer's, by dotted name."""
    return {
        f"{entry.name}.{name}".lstrip("."): shape
        for entry in network.inventory()
        if not any(kind.startswith("torch.nn.") and kind != "torch.nn.Module" for kind in entry.kinds)
        or "Parameter" in entry.kind
        for name, shape in entry.parameters.items()
    }


def core(shape: Shape) -> Shape:
    """A shape without the sides of length 1."""
    return tuple(side for side in shape if side != 1)


def load(network: Handle, parameters: Mapping[str, Tensor]) -> Iterator[dict[str, str]]:
    """Loads the parameters of a case in every way in which the network may store them, one after the other.

    Yields what the network calls each of them.

    If six parameters fit by their shapes, whatever they are called, there is only one way. If not, which is a matter of
    1b alone, those of the given names that do not fit take the right shapes: (in, out), (out, in), or that and columns
    for biases. A bias that was left out is added to its neighbour.
    """
    inventory = network.inventory()
    places = {"embedding.weight": _embedding(inventory)}
    embedding = {places["embedding.weight"]: parameters["embedding.weight"]}
    held = own_parameters(network)
    for lost, kept in (("bias_ih", "bias_hh"), ("bias_hh", "bias_ih")):
        if lost not in held and kept in held and len(held) == 5:
            parameters = {**parameters, kept: parameters["bias_ih"] + parameters["bias_hh"]}
            parameters.pop(lost)
    roles = [name for name in (*WEIGHTS, *BIASES) if name in parameters]
    fitted = _fit(held, parameters, roles)
    if fitted is not None:
        values = embedding | {name: _as_held(held[name], parameters[role]) for name, role in fitted.items()}
        network.load(values, roles=parameters if values.keys() == parameters.keys() else None)
        yield places | {role: name for name, role in fitted.items()}
        return
    if not held.keys() >= {*roles}:
        raise Mismatch(
            "RNN lacks parameters",
            say("expected {what}", what=", ".join((*WEIGHTS, *BIASES))),
            say("got {what}", what=", ".join(held) or say("none")),
            expect.to_look_at("RNN.__init__: each is an nn.Parameter and an attribute of self"),
            diagnosis="wrong structure",
        )
    fitting = {name: _as_held(held[name], parameters[name]) for name in roles if _fits(held[name], parameters[name])}
    out_in = {name: parameters[name] for name in roles}
    layouts = (
        {name: value.T.contiguous() if name in WEIGHTS else value for name, value in out_in.items()},
        out_in,
        {name: value if name in WEIGHTS else value[:, None] for name, value in out_in.items()},
    )
    # Among exchanged sizes, a weight may fit by chance, though it is meant the other way round.
    for as_they_are, layout in product((fitting, {}), layouts):
        network.load(embedding | layout | as_they_are, reshape=True)
        yield places


def _embedding(inventory: list[Part]) -> str:
    """The name of the weight of the first embedding."""
    for entry in inventory:
        if entry.extends("torch.nn.Embedding"):
            return f"{entry.name}.weight"
    hint = expect.to_look_at("self.embedding, which is given")
    raise Mismatch("RNN has no nn.Embedding", hint, diagnosis="wrong structure")


def _fit(held: Mapping[str, Shape], parameters: Mapping[str, Tensor], roles: list[str]) -> dict[str, str] | None:
    """A role for every parameter that is held; None if one is left over.

    Given names count if all of them are there, else the shapes alone, which tell the roles apart.
    """
    if held.keys() == {*roles}:
        return {name: name for name in roles} if all(_fits(held[name], parameters[name]) for name in roles) else None
    waiting = list(roles)
    fitted: dict[str, str] = {}
    for name, shape in held.items():
        fitting = [role for role in waiting if _fits(shape, parameters[role])]
        if not fitting:
            return None
        waiting.remove(fitting[0])
        fitted[name] = fitting[0]
    return None if waiting else fitted


def _fits(shape: Shape, value: Tensor) -> bool:
    return core(shape) in (tuple(value.shape), tuple(value.shape)[::-1])


def _as_held(shape: Shape, value: Tensor) -> Tensor:
    """A tensor as a parameter of this shape holds it, transposed or with sides of length 1."""
    return (value if core(shape) == tuple(value.shape) else value.T).reshape(shape)
