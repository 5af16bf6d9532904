"""What a kernel has defined: the cells that were run, or those of the file where no kernel keeps them."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from autograder.notebook.magics import exported
from autograder.notebook.notebook import Notebook, parse_cells


def shell() -> Any:
    """The shell of IPython that runs this code, None without one, which has not imported IPython."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def cells_that_ran(kernel: Any) -> list[tuple[int, str]]:
    """The number and the text of every cell that a kernel has run, in order; of one that ran again the last time."""
    history = list(enumerate(kernel.history_manager.input_hist_raw))
    last = {text: number for number, text in history if text.strip()}
    return [(number, text) for number, text in history if last.get(text) == number]


def notebook_of(cells: Iterable[tuple[int, str]]) -> Notebook:
    """A notebook of numbered cells. One that does not parse is left out if another binds the same names."""
    texts = [(number, text.replace("\r\n", "\n")) for number, text in cells]
    parsed, _ = parse_cells((number, text, exported(text)) for number, text in texts)
    bound = Notebook(parsed).definitions.keys()
    broken = {one.cell for one in Notebook(parsed).unreadable if one.names and bound >= set(one.names)}
    return Notebook([cell for cell in parsed if cell.number not in broken])


def kernel_globals(kernel: Any) -> Mapping[str, Any]:
    """The names of a kernel; those of the program where there is none."""
    names: Mapping[str, Any] = kernel.user_ns if kernel is not None else vars(sys.modules["__main__"])
    return names
