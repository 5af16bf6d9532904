"""What a notebook printed when it was trained again."""

from collections.abc import Sequence
from pathlib import Path

from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.replacing import replacing
from autograder.notebook.text import plain


def write_printed(gradebook: Gradebook, submission_id: str, notebook: str, printed: Sequence[tuple[int, str]]) -> Path:
    """Writes what each code cell printed when it was run again to a file in retraining/; its path. Raises OSError."""
    path = gradebook.folder / "retraining" / f"{submission_id}-{Path(notebook).stem}.txt"
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as file:
        for cell, text in printed:
            file.write(f"--- code cell {cell}\n{plain(text, len(text))}\n")
    return path
