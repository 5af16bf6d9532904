"""What is wrong in a notebook, and the line where it shows: a cell that does not parse, a rule that is broken."""

from dataclasses import dataclass

from autograder.notebook.wire import Wire

FORBIDDEN_CALL, FORBIDDEN_LAYER, ADDITIONAL_MODULE = "forbidden call", "forbidden layer", "additional module"


def names_without_underscores(private: str) -> list[str]:
    """The public names, in rules, of what a private function or an operator of torch does: `_nll_loss_nd`."""
    bare = private.lstrip("_")
    return [f"torch.{bare}", f"torch.nn.functional.{bare}"]


@dataclass(frozen=True)
class Unreadable(Wire):
    """A code cell that does not parse: the line (from 1) and its text, the error, the names that it seems to define."""

    cell: int
    line: int
    error: str
    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, order=True)
class BrokenRule(Wire):
    """A broken rule: the call, layer or module, and the source line where it stands (0 when that is not known).

    One that is not `certain` only looks like it: it is for a person to judge and costs nothing.
    """

    cell: int
    line: int
    call: str
    rule: str
    text: str
    diagnosis: str = FORBIDDEN_CALL
    certain: bool = True
