"""Which names of a notebook answer which questions."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """The `names` that answer some questions in a notebook; `given` are those that everybody's notebook defines."""

    questions: tuple[str, ...]
    notebook: str
    names: tuple[str, ...]
    given: tuple[str, ...]

    @property
    def title(self) -> str:
        """The questions, for tables."""
        return ", ".join(self.questions)
