"""Makes a student's RNN of hw4_rnn.ipynb and gives it the parameters of a case, however it stores them."""

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

from autograder.expect import Mismatch
from autograder.session import StudentError
from autograder.student import Entry, Handle

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
    if not isinstance(network, Handle):
        raise Mismatch("RNN(...) is no module", "look at: class RNN(nn.Module)", diagnosis="wrong structure")
    return network


def own_parameters(network: Handle) -> dict[str, Shape]:
    """Shapes of the parameters that are no layer's, by dotted name."""
    return {
        f"{entry.name}.{name}".lstrip("."): shape
        for entry in network.inventory()
        if not entry.kind.startswith("torch.nn.") or "Parameter" in entry.kind
        for name, shape in entry.parameters.items()
    }


def core(shape: Shape) -> Shape:
    """A shape without the sides of length 1."""
    return tuple(side for side in shape if side != 1)


def load(network: Handle, parameters: Mapping[str, Tensor]) -> Iterator[None]:
    """Loads the parameters of a case in every way in which the network may store them, one after the other.

    If six parameters fit by their shapes, whatever they are called, there is only one way. If not, which is a matter of
    1b alone, those of the given names take the right shapes, as (in, out), as (out, in), and with columns for biases.
    """
    inventory = network.inventory()
    embedding = {_embedding(inventory): parameters["embedding.weight"]}
    held = own_parameters(network)
    fitted = _fit(held, parameters)
    if fitted is not None:
        network.load(embedding | fitted)
        yield
        return
    if not {*WEIGHTS, *BIASES} <= held.keys():
        raise Mismatch(
            "RNN lacks parameters",
            f"expected {', '.join((*WEIGHTS, *BIASES))}",
            f"got {', '.join(held) or 'none'}",
            "look at: RNN.__init__: each is an nn.Parameter and an attribute of self",
            diagnosis="wrong structure",
        )
    biases = {name: parameters[name] for name in BIASES}
    weights = {name: parameters[name] for name in WEIGHTS}
    for stored in (
        {name: weight.T.contiguous() for name, weight in weights.items()} | biases,
        weights | biases,
        weights | {name: bias[:, None] for name, bias in biases.items()},
    ):
        network.load(embedding | stored, reshape=True)
        yield


def _embedding(inventory: list[Entry]) -> str:
    """The name of the weight of the first embedding."""
    for entry in inventory:
        if entry.kind == "torch.nn.Embedding":
            return f"{entry.name}.weight"
    raise Mismatch("RNN has no nn.Embedding", "look at: self.embedding, which is given", diagnosis="wrong structure")


def _fit(held: Mapping[str, Shape], parameters: Mapping[str, Tensor]) -> dict[str, Tensor] | None:
    """A tensor for every parameter that is held, by its given name or else by its shape; None if one is left over."""
    waiting = [name for name in parameters if name in (*WEIGHTS, *BIASES)]
    values: dict[str, Tensor] = {}
    for name, shape in sorted(held.items(), key=lambda item: item[0] not in waiting):
        fitting = [role for role in waiting if sorted(core(shape)) == sorted(parameters[role].shape)]
        if not fitting:
            return None
        role = name if name in fitting else fitting[0]
        waiting.remove(role)
        tensor = parameters[role]
        values[name] = (tensor if core(shape) == tuple(tensor.shape) else tensor.T).reshape(shape)
    return None if waiting else values
