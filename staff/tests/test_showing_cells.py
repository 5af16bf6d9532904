"""Given cells that show what was learnt: what they print and draw is no evidence for 1f, 2c and 3e."""

from typing import Any

import pytest

from autograder.authoring import build
from autograder.authoring.outputs import PICTURE, with_outputs
from autograder.course.root import project_root
from autograder.notebook.claims.reader import claims
from autograder.notebook.notebook import read

ROOT = project_root()
SHOWS = ("def overfit_one_batch", "def show_")
EVIDENCE = {"accuracy", "perplexity", "loss", "rate"}
PRINTED = {  # on the samples, and how a display of HTML stands in a file
    "rnn": ["after  1 times: cross-entropy 1.468\n", "after 40 times: cross-entropy 0.001\n"],
    "seq2seq": ["logarithm of the number of words: 5.613\n", "after 120 times: cross-entropy 0.012\n"],
    "vit": ["after  1 times: cross-entropy 2.347\n", "after 60 times: cross-entropy 0.012\n"],
}
DISPLAYED: dict[str, Any] = {
    "text/html": "<table><tr><td>Test accuracy: 99.00 %</td></tr></table>",
    "text/plain": "<IPython.core.display.HTML object>",
    "image/png": PICTURE,
}


@pytest.mark.parametrize("topic", PRINTED)
def test_what_given_cells_show_is_no_evidence(topic: str) -> None:
    notebook = build.solution_notebook(build.read_sources(ROOT, [topic]))
    outputs: list[dict[str, Any]] = [
        {"output_type": "stream", "name": "stdout", "text": PRINTED[topic]},
        {"output_type": "display_data", "metadata": {}, "data": DISPLAYED},
    ]
    given = [cell.id for cell in notebook.cells if cell.cell_type == "code" and any(s in cell.source for s in SHOWS)]
    assert len(given) == 3
    saved = claims(read(with_outputs(build.to_bytes(notebook), dict.fromkeys(given, outputs))))
    assert not saved.figures and len(saved.cells) == 3
    for cell in saved.cells:
        assert not cell.progress and not cell.logged and not cell.plotted & EVIDENCE
