"""What is wrong in a notebook, and the line where it shows: a cell that does not parse, a rule that is broken."""

from dataclasses import dataclass
from typing import Any, Self

FORBIDDEN_CALL, FORBIDDEN_LAYER, ADDITIONAL_MODULE = "forbidden call", "forbidden layer", "additional module"


@dataclass(frozen=True)
class Unreadable:
    """A code cell that does not parse: the line (from 1) and its text, the error, the names that it seems to define."""

    cell: int
    line: int
    error: str
    text: str
    names: tuple[str, ...]

    def to_wire(self) -> dict[str, Any]:
        """The cell as JSON."""
        return dict(vars(self))

    @classmethod
    def from_wire(cls, data: Any) -> Self:
        """What `to_wire` made. Raises TypeError, ValueError or KeyError for any other form."""
        return cls(
            cell=int(data["cell"]),
            line=int(data["line"]),
            error=str(data["error"]),
            text=str(data["text"]),
            names=tuple(map(str, data["names"])),
        )


@dataclass(frozen=True, order=True)
class BrokenRule:
    """A broken rule: the call, layer or module, and the source line where it stands (0 when that is not known)."""

    cell: int
    line: int
    call: str
    rule: str
    text: str
    diagnosis: str = FORBIDDEN_CALL

    def to_wire(self) -> dict[str, Any]:
        """The broken rule as JSON."""
        return dict(vars(self))

    @classmethod
    def from_wire(cls, data: Any) -> Self:
        """What `to_wire` made. Raises TypeError, ValueError or KeyError for any other form."""
        return cls(
            cell=int(data["cell"]),
            line=int(data["line"]),
            call=str(data["call"]),
            rule=str(data["rule"]),
            text=str(data["text"]),
            diagnosis=str(data["diagnosis"]),
        )
