"""Numbers as an LMS writes them: with a point or a comma before the decimals, as the teacher's language has it."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
_DECIMALS = re.compile(r"[+-]?\d[\d.,'\s]*?([.,])(?:\d{1,2}|\d{4,})")  # three may be thousands
_NUMBER = re.compile(r"[+-]?\d[\d.,'\s]*")


def decimal_sign(texts: Iterable[str]) -> str:
    """The sign before the decimals in the first text that shows it: "." or ","; "." where none does."""
    matches = (_DECIMALS.fullmatch(text.strip()) for text in texts)
    return next((match[1] for match in matches if match), ".")


def is_number(text: str) -> bool:
    """Whether a text may be a number, whatever the signs in it."""
    return _NUMBER.fullmatch(text) is not None


def number(text: str, sign: str) -> Decimal | None:
    """The number that a text is, with this sign before the decimals; None if it is none."""
    if not is_number(text):
        return None
    whole, _, decimals = re.sub(r"[\s']", "", text).partition(sign)
    whole = whole.replace("," if sign == "." else ".", "")
    return Decimal(f"{whole}.{decimals}") if re.fullmatch(r"\d*", decimals) else None


def rounded(value: Decimal) -> Decimal:
    """Points to two places, half up."""
    return value.quantize(CENT, ROUND_HALF_UP)


def number_text(value: Decimal, sign: str = ".") -> str:
    """Points with at most two decimals and no needless zeros: 10, 7.5, 3.33."""
    return f"{rounded(value):f}".rstrip("0").rstrip(".").replace(".", sign)
