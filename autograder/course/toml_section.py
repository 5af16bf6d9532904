"""Reading one table of the manifest strictly: every getter names the key, what it expects, and what it found."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class ManifestError(ValueError):
    """assignments.toml cannot be used; the message names the file, the key and what is expected there."""


@dataclass(frozen=True)
class Section:
    """The table `name` of the manifest at `path`; every method raises ManifestError for what it does not expect."""

    path: Path
    name: str
    values: Mapping[str, Any]

    def fail(self, key: str, expected: str, got: object) -> NoReturn:
        """Says that the value of `key`, or the whole table when `key` is empty, is not what is expected."""
        place = " ".join(part for part in (f"[{self.name}]" if self.name else "", key) if part)
        raise ManifestError(f"{self.path}: {place or 'top level'}: expected {expected}, got {got!r}")

    def get(self, key: str, expected: str) -> Any:
        """The value of `key`, of any type; when it is missing, the error ends in `expected`."""
        if key not in self.values:
            raise ManifestError(f"{self.path}: {f'[{self.name}] ' if self.name else ''}{key} is missing: {expected}")
        return self.values[key]

    def only(self, keys: set[str]) -> None:
        """Refuses every key but these."""
        for key in self.values.keys() - keys:
            self.fail(key, f"no such key, but {', '.join(sorted(keys))}", self.values[key])

    def section(self, key: str) -> "Section":
        """A table in this one."""
        value = self.get(key, "expected a table")
        if not isinstance(value, dict):
            self.fail(key, "a table", value)
        return Section(self.path, f"{self.name}.{key}" if self.name else key, value)

    def text(self, key: str) -> str:
        """A text that is not blank."""
        value = self.get(key, "expected a text in quotes")
        if not isinstance(value, str) or not value.strip():
            self.fail(key, "a text in quotes", value)
        return value

    def number(self, key: str) -> float:
        """A positive number, whole or not."""
        return float(self._number(key, "a positive number", lambda number: 0 < number < float("inf")))

    def whole(self, key: str) -> int:
        """A positive whole number."""
        return int(self._number(key, "a positive whole number", lambda number: isinstance(number, int) and number > 0))

    def share(self, key: str) -> float:
        """A part of something: at least 0 and less than 1."""
        return float(self._number(key, "a number from 0 to less than 1", lambda number: 0 <= number < 1))

    def _number(self, key: str, expected: str, accepts: Callable[[int | float], bool]) -> int | float:
        value = self.get(key, f"expected {expected}")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not accepts(value):
            self.fail(key, expected, value)
        return value

    def path_below(self, key: str, expected: str) -> str:
        """A path that stays below the folder it is relative to, with slashes, such as 'a/b'."""
        value = self.text(key)
        if "\\" in value or any(part in ("", ".", "..") for part in value.split("/")):
            self.fail(key, f"{expected}, relative and without '..'", value)
        return value

    def names(self, key: str, form: str, expected: str) -> tuple[str, ...]:
        """A list of different texts, each of which the regular expression `form` matches."""
        expected = f"a list of different {expected}"
        value = self.get(key, f"expected {expected}")
        if not isinstance(value, list) or not all(isinstance(one, str) and re.fullmatch(form, one) for one in value):
            self.fail(key, expected, value)
        if len(set(value)) < len(value):
            self.fail(key, expected, value)
        return tuple(value)

    def pattern(self, key: str) -> str:
        """A regular expression that does not match the empty text."""
        value = self.text(key)
        try:
            compiled = re.compile(value, re.ASCII)
        except re.error as error:
            self.fail(key, f"a regular expression ({error})", value)
        if compiled.fullmatch(""):
            self.fail(key, "a regular expression that matches no empty text", value)
        return value

    def deadline(self) -> datetime:
        """The date and time at `deadline` in the zone at `timezone`."""
        value = self.get("deadline", "expected a date and time such as 2024-06-14T18:00:00")
        if not isinstance(value, datetime) or value.tzinfo:
            self.fail("deadline", "a date and time without offset, such as 2024-06-14T18:00:00", value)
        timezone = self.text("timezone")
        try:
            return value.replace(tzinfo=ZoneInfo(timezone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail("timezone", "a time zone such as 'Asia/Seoul'", timezone)
