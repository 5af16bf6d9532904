"""Where the pages of a class lie, so that they can be deleted without drawing anything."""

from pathlib import Path

from autograder.gradebook.gradebook import Gradebook


def class_file(gradebook: Gradebook, anonymous: bool = False) -> Path:
    """The page of the class; that under pseudonyms has a folder of its own, with a page for each student."""
    return (gradebook.folder / "anonymous" if anonymous else gradebook.folder) / "class.html"


def delete_class_pages(gradebook: Gradebook) -> None:
    """Deletes what is written about the class, with names and without. Raises OSError."""
    class_file(gradebook).unlink(missing_ok=True)
    for page in class_file(gradebook, anonymous=True).parent.rglob("*.html"):
        page.unlink()
