"""The rooms of the engine and a submission's way through them: an SVG file made from the contracts in pyproject.toml.

The contract of layers says which rooms there are and which lie below which; here is what each one does, and the way.
"""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

DOES = {
    "cli": "what a person types",
    "selfcheck": "a student's own check",
    "authoring": "builds and proves a course",
    "classroom": "grades and compares a class",
    "exports": "takes marks back to an LMS",
    "desk": "shows, takes what people decide",
    "pages": "writes what people read",
    "gradebook": "keeps people and verdicts",
    "models": "scores and ranks saved models",
    "intake": "finds notebooks in archives",
    "marking": "turns answers into verdicts",
    "course": "reads manifest, checks and cases",
    "checks": "say what is right",
    "worker": "runs what a question asks for",
    "protocol": "asks, and reads what comes back",
    "notebook": "reads a notebook as text",
    "sandbox": "forks and locks down a process",
    "messages": "sentences, in two languages",
}
WAY = (  # a submission's: the room, and what happens in it
    ("intake", "archive to notebooks"),
    ("sandbox", "a locked-down child"),
    ("notebook", "cells and outputs read"),
    ("protocol", "calls go out"),
    ("worker", "student code answers"),
    ("checks", "answers compared"),
    ("marking", "a verdict and why"),
    ("models", "saved models scored"),
    ("gradebook", "kept, and reported"),
)
BESIDE_STUDENT_CODE = {"selfcheck", "worker", "notebook"}

WIDTH, MARGIN, GAP = 920, 24, 10
STEP, ROW, FIRST_ROW = 76, 44, 204
STYLE = """
text {
  font-family: system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
  font-size: 13px; fill: #1d2129;
}
.paper { fill: #ffffff; stroke: #dfe2e6 }
.title { font-size: 15px; font-weight: 600 }
.name { font-size: 14px; font-weight: 600 }
.quiet { fill: #5d6572; font-size: 12px }
.room { fill: #f3f4f2; stroke: #c9ced4 }
.student { fill: #fff3dc; stroke: #d9a441 }
.badge { fill: #1f5f99 }
.number { fill: #ffffff; font-size: 12px; font-weight: 600; text-anchor: middle }
.middle { text-anchor: middle }
.line { stroke: #5d6572; stroke-width: 1.5; fill: none }
.head { fill: #5d6572 }
@media (prefers-color-scheme: dark) {
  text { fill: #e7e9ec }
  .paper { fill: #15181c; stroke: #333a43 }
  .quiet { fill: #a0a8b3 }
  .room { fill: #23282f; stroke: #454d57 }
  .student { fill: #3a2f17; stroke: #b08a3c }
  .badge { fill: #6cb2f0 }
  .number { fill: #0d1116 }
  .line { stroke: #a0a8b3 }
  .head { fill: #a0a8b3 }
}
"""


def layers(root: Path) -> list[list[str]]:
    """The rooms of each layer, from the top, as the contract has them."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (contract,) = [contract for contract in contracts if contract["type"] == "layers"]
    return [layer.split(" | ") for layer in contract["layers"]]


def draw(root: Path) -> str:
    """The picture, always the same bytes for the same contracts.

    Raises ValueError if the contracts name other rooms than this file does.
    """
    rows = layers(root)
    rooms = {room for row in rows for room in row}
    if rooms != set(DOES):
        odd = ", ".join(sorted(rooms ^ set(DOES)))
        raise ValueError(f"only one of pyproject.toml and {Path(__file__).name} names these rooms: {odd}")
    height = FIRST_ROW + len(rows) * (ROW + GAP) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"',
        f' width="{WIDTH}" height="{height}">',
        "<title>The rooms of the engine, and a submission's way through them</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10"/>',
        *_way(),
        *_rooms(rows),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _way() -> list[str]:
    """The strip at the top: numbered steps along a line, each with its room and what happens there."""
    pitch = (WIDTH - 2 * MARGIN) / len(WAY)
    centres = [MARGIN + pitch * (place + 0.5) for place in range(len(WAY))]
    parts = [
        _text(MARGIN, 36, "A submission's way", "title"),
        f'<path class="line" d="M{centres[0]:g} {STEP}H{centres[-1]:g}"/>',
    ]
    for number, (centre, (room, happens)) in enumerate(zip(centres, WAY, strict=True), 1):
        parts += [*_badge(centre, STEP, number), _text(centre, STEP + 32, room, "name middle")]
        parts += [_text(centre, STEP + 50 + 15 * at, line, "quiet middle") for at, line in enumerate(_halves(happens))]
    return parts


def _rooms(rows: Sequence[Sequence[str]]) -> list[str]:
    """The layers from the top, an arrow for the direction of imports beside them, and the two colours' meaning."""
    left, bottom = MARGIN + 24, FIRST_ROW + len(rows) * (ROW + GAP) - GAP
    parts = [
        _text(MARGIN, FIRST_ROW - 16, "The rooms: each imports only from rooms below it", "title"),
        f'<path class="line" d="M{MARGIN + 6} {FIRST_ROW}V{bottom - 8}"/>',
        f'<path class="head" d="M{MARGIN} {bottom - 10}h12l-6 10z"/>',
        f'<rect class="student" x="{WIDTH - MARGIN - 214}" y="{FIRST_ROW - 28}" width="14" height="14" rx="3"/>',
        _text(WIDTH - MARGIN - 192, FIRST_ROW - 16, "runs in the student's process", "quiet"),
    ]
    steps = {room: number for number, (room, _) in enumerate(WAY, 1)}
    for at, row in enumerate(rows):
        width = (WIDTH - MARGIN - left - GAP * (len(row) - 1)) / len(row)
        for place, room in enumerate(row):
            parts += _room(room, left + place * (width + GAP), FIRST_ROW + at * (ROW + GAP), width, steps.get(room))
    return parts


def _room(room: str, x: float, y: float, width: float, step: int | None) -> list[str]:
    """One room: its name, what it does, and the number of the step that happens in it."""
    colour = "student" if room in BESIDE_STUDENT_CODE else "room"
    parts = [f'<rect class="{colour}" x="{x:g}" y="{y:g}" width="{width:g}" height="{ROW}" rx="8"/>']
    parts += [_text(x + 16, y + 27, room, "name"), _text(x + 120, y + 27, DOES[room], "")]
    return [*parts, *_badge(x + width - 26, y + ROW / 2, step)] if step else parts


def _badge(x: float, y: float, number: int) -> list[str]:
    return [f'<circle class="badge" cx="{x:g}" cy="{y:g}" r="12"/>', _text(x, y + 4.5, str(number), "number")]


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{escape(text)}</text>'


def _halves(text: str) -> list[str]:
    """Words in one line or two, cut where the longer one is shortest."""
    words = text.split()
    cuts = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    return list(min(cuts, key=lambda pair: max(map(len, pair)))) if cuts else words
