"""In the student's process: what a notebook prints, kept within bounds."""

import io

HALF = 100_000  # characters that are kept of the beginning, and as many of the end


class PrintedText(io.TextIOBase):
    """A stream that keeps the first and the last of what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._head = ""
        self._tail: list[str] = []
        self._waiting = 0  # characters in the tail
        self._cut = False

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Takes text of any length."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        room = HALF - len(self._head)
        self._head += text[:room]
        rest = text[room:] if len(text) < room + HALF else text[max(room, len(text) - HALF) :]
        self._cut |= len(rest) < len(text) - room
        self._tail.append(rest)
        self._waiting += len(rest)
        if self._waiting > 2 * HALF:
            self._shorten()
        return len(text)

    def _shorten(self) -> None:
        kept = "".join(self._tail)
        self._cut |= len(kept) > HALF
        self._tail = [kept[-HALF:]]
        self._waiting = len(self._tail[0])

    def text(self) -> str:
        """What is kept; a line of dots stands for what is not."""
        self._shorten()
        return self._head + ("\n...\n" if self._cut else "") + self._tail[0]
