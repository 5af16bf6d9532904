"""Why nothing is exported."""

from collections.abc import Sequence

_SHOWN = 4  # so that a message keeps to six lines


class ExportError(ValueError):
    """Nothing is exported; the message says why, and whom it is about."""


def listed(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def require_none(problems: Sequence[str], partial: bool) -> None:
    """Raises ExportError with the first few of some problems, unless a `partial` export was asked for."""
    if problems and not partial:
        shown = [*problems[:_SHOWN], *([f"and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else [])]
        first = f"nothing is exported before this is settled ({len(problems)}); --partial leaves these students out:"
        raise ExportError("\n  ".join([first, *shown]))
