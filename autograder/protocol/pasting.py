"""The names in lines that a student pastes: a definition's own words where they are fit, and never one of ours."""

import keyword
import re
from collections.abc import Sequence

IMPORT = "from autograder.selfcheck.live import case"
_OURS = ("case", "example", "got", "made")
_ONE_INPUT = re.compile("\x00(\\d+)\x00(?:\\[:1\\]|\\.flip\\(0\\))?")


def input_names(
    inputs: Sequence[object], arguments: Sequence[str], parameters: Sequence[str], written: str
) -> list[str]:
    """A name for each input: that of the parameter which it is passed as, "_" for one that `written` does not use."""
    passed = [_ONE_INPUT.fullmatch(one) for one in arguments]
    by_input = {int(one[1]): parameters[i] for i, one in enumerate(passed) if one and i < len(parameters)}
    names: list[str] = []
    for place, value in enumerate(inputs):
        other = "parameters" if isinstance(value, dict) else f"x{place + 1}"
        name = by_input.get(place, other) if f"\x00{place}\x00" in written else "_"
        names.append(name if name == "_" or _is_fit(name, names) else f"x{place + 1}")
    return names


def _is_fit(name: str, names: Sequence[str]) -> bool:
    is_ours = name in _OURS or name.removeprefix("made").isdigit()
    return name.isidentifier() and not keyword.iskeyword(name) and name not in names and not is_ours
