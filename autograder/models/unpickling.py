"""A `.pt` file as safetensors: read in a process in which no student code has run, and moved in pieces both ways."""

from pathlib import Path

from autograder.course.sizes import MIB
from autograder.models.saved_files import MAX_HEADER, problem_of
from autograder.protocol.operations import add_piece, read_weights, take_piece
from autograder.protocol.session import Session

PIECE = 16 * MIB


def write_plain(session: Session, path: Path, plain: Path, largest: int, seconds: float) -> str:
    """Writes the tensors of the file at `path` to `plain`; why there are none, in words, "" if there are.

    They may have `largest` bytes together. `session` is open, and `seconds` is the wall time of all of it. Raises
    StudentError, WorkerFailure, OSError.
    """
    with path.open("rb") as file:
        content = file.read(PIECE)
        while following := file.read(PIECE):
            session.exchange(add_piece(content))
            content = following
    size = session.exchange(read_weights(content, largest))
    if isinstance(size, str):
        return size
    if size > largest + MAX_HEADER:
        return "is damaged (its list of tensors is too long)"
    with plain.open("wb") as file:
        for begin in range(0, size, PIECE):
            session.allow(seconds, None)  # for what comes back each piece is a check of its own, for time all of them
            file.write(session.exchange(take_piece(begin, min(PIECE, size - begin))))
    return problem_of(plain)
