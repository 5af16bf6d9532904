"""Notebook files that no editor writes: cells of code that no student would write, and real notebooks that are damaged.

The code is statements of real cells among odd ones, and what is too deep, too long or full of odd characters.
"""

import json
import re
from collections.abc import Sequence
from textwrap import indent
from typing import Any

from hypothesis import strategies as st

from .damage import damaged
from .values import altered, dumped, odd_values

# What real cells do not hold: statements, what these may stand in, and pieces of code.
_STATEMENTS = (
    "acc: int", "acc, *x = x", "acc, x = x, acc", "x[0], y.acc = acc, acc", "x += acc", "del x, acc",
    "import torch as acc", "from torch import *", "from . import acc", "from __future__ import annotations",
    "type acc = int", "raise acc from x", "class acc(torch.nn.Module, metaclass=x): y: int = acc",
    "@acc(x)\nclass x: pass", "assert acc, x", "while acc: break", "with x as (acc, y), z: acc",
    "async for x in acc: await y", "for x[0], y.acc in acc: continue", "exec('acc = 1')",
    "match x:\n  case {'x': acc, **rest} if y: x\n  case [1, *acc] | y.acc: acc", "acc = lambda *x, y=acc: acc()",
    "acc = [x @ y for x in acc if (y := x)]", "acc = {**x, 'acc': {x for x in y}}", "x = -acc if not acc[1:] else ...",
    "f(*acc, **x).backward()", "getattr(acc, 'backward')()", "acc = torch.nn.GRU(1, 1)", "!pip install x", "x = !ls",
    "x?", "%%time", "%%bash\nacc", "print('Test accuracy:', acc, end=x)",
    "print(f'Test acc: {acc!r:>{x}} | ppl {x:.3f}')", "print('Test acc: %.2f' % acc, sep='')",
    "writer.add_scalar('acc/test', acc, 1)", "plt.plot(acc, label='acc')",
    "for epoch in range(10): print(f'epoch {epoch} acc {acc}')", "print('{} ppl'.format(acc) + str(x))",
)  # fmt: skip
_BLOCKS = (
    "if x:", "for acc in x:", "while x < acc < y:", "with acc() as x:", "class acc:",
    "def acc(self, *x, y=acc, **z) -> x:", "async def x():\n  yield x", "def x():\n  global acc",
    "def x():\n  nonlocal acc", "try:\n  acc\nexcept x as acc:", "else:", "try:\n  return x\nfinally:",
)  # fmt: skip
_PIECES = (
    *"()[]{}'\"\\:,=.%!@#\t\0\x0c\u2028\ud800é;\n", "    ", '"""', "9" * 400, "1e999", "0x" + "f" * 300, "1j", "b'x'",
    " if x else ", " := ", "*", "**", "lambda x=acc, *y: ", "await ", "async ", "yield ", " for acc in x if acc",
)  # fmt: skip
# What stands before, what is repeated, what stands behind. In what is repeated N is its number, M the next one, > an
# indentation one deeper than the last; a bracket behind is repeated, too.
_EXTREMES = (
    ("x = ", "1 + ", "1"), ("x = ", "-", "1"), ("x = a", ".b", ""), ("x = f", "(1)", ""), ("x = ", "lambda: ", "0"),
    ("x = ", "'a' ", ""), ("print('Test acc: ' + ", "str(acc) + ", "'')"), ("", "x = 1\n", ""), ("", "a", " = 1"),
    ("if x: pass\n", "elif y: pass\n", ""), ("x = ", "9", ""), ("x = f'", "{", "'"), ("", "x = 1;", ""),
    ("x = ", "(", ")"), ("x = ", "[", "]"), ("", ">if x:\n", ">y = 1"), ("", ">def fN():\n", " pass"), ("", "%", ""),
    ("", "fN = fM\n", "f1 = f0\nprint('acc', f0)"), ("", "def fN(): return fM() + fN()\n", "print(f0())"),
    ("", "\\\n", "x"), ("global g", ", gN", ""), ("def f(a", ", aN", "): return a"), ("", "%time ", ""), ("", "?", ""),
    ("", "\x0c\n\x1c\x1d\u2028\u2029\x85\x0b", "x = 1"), ("", "\ud800", ""), ("", "\u0301", ""), ("", '"""', ""),
    ("", "\x00", ""), ("", "\t", "x"), ("", "\r", "x = 1"), ("# coding: utf-7\n# -*- coding: latin-1 -*-\n", "é", ""),
    ("", "!", ""),
)  # fmt: skip
_SIZES = (0, 1, 2, 50, 99, 250, 990, 1500, 2900, 10_000)
_SHOWN = (
    "Test accuracy: 91.2%", "test ppl 3.4 acc 0.5", "epoch 1/10 | train loss: nan | valid acc: 1e999", "acc=-inf",
    "acc: " + "9" * 500, "100%|####| 10/10\rtest acc 0.1\rtest acc", "\x1b[31mTest acc\x1b[0m 5", "accuracy " * 400,
    "테스트 정확도 93.1", "\ud800 acc 1", "1 2 3 " * 3000, "Test acc: 1,234.5", "\x00\x07", "{'test_acc': 0.9}",
    "acc\u066011\u0661 %", "Test perplexity: 0.3",
)  # fmt: skip
_ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be", "latin-1", "cp949")
_BESIDE = (*[b""] * 30, b"\xef\xbb\xbf", b" \n", b"[" * 5000, b"\0", b"{", b"}" * 10)
# Values that mean something to a reader of notebooks.
_WORDS = ("cells", "source", "outputs", "worksheets", "code", "markdown", "raw", "heading", "Code", "stream", "pyout",
          "pyerr", "display_data", "image/png", "stderr")  # fmt: skip


def notebooks(real: bytes, others: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """A notebook file: made up of pieces of all, or the `real` one damaged, into which pieces of `others` may get."""
    odd = odd_values((*_WORDS, *_SHOWN))
    cells = [cell for one in (real, *others) for cell in json.loads(one)["cells"] if cell["cell_type"] == "code"]
    invented = _invented(["".join(cell["source"]) for cell in cells])
    made_up = (invented, invented.flatmap(lambda notebook: altered(notebook, odd)), odd)
    beside = st.sampled_from(_BESIDE)
    written = [st.builds(_written, one, st.sampled_from(_ENCODINGS), st.booleans(), beside, beside) for one in made_up]
    changed = [altered(json.loads(real), odd, most).map(lambda one: dumped(one).encode()) for most in (4, 20)]
    return st.one_of(*written, *changed, damaged([real], others))


def _written(notebook: Any, encoding: str, ascii_only: bool, before: bytes, behind: bytes) -> bytes:
    errors = "surrogatepass" if encoding.startswith("utf") else "replace"
    return before + dumped(notebook, ascii_only).encode(encoding, errors) + behind


def _invented(codes: Sequence[str]) -> st.SearchStrategy[Any]:
    """The values of a notebook of format 4 or 3: its cells have statements of `codes`, odd ones, or extremes."""
    extreme = st.builds(_extreme, st.sampled_from(_EXTREMES), st.sampled_from(_SIZES))
    code, shown = _grown(codes) | extreme | st.text(max_size=60), st.sampled_from(_SHOWN)
    cells = st.lists(st.builds(_cell, code, st.booleans(), shown, shown), max_size=6)
    version_4 = cells.map(lambda listed: {"cells": listed, "metadata": {}, "nbformat": 4})
    return version_4 | cells.map(lambda listed: {"worksheets": [{"cells": listed}], "nbformat": 3})


def _cell(code: str, in_lines: bool, printed: str, shown: str) -> dict[str, Any]:
    source = code.splitlines(keepends=True) if in_lines else code
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": [printed, shown]},
        {"output_type": "execute_result", "data": {"text/plain": shown, "text/html": "", "image/png": "iVBORw0KGgo="}},
        {"output_type": "error", "ename": shown},
    ]
    return {"cell_type": "code", "source": source, "input": source, "outputs": outputs, "metadata": {}, "id": "x"}


def _grown(codes: Sequence[str]) -> st.SearchStrategy[str]:
    """Statements of `codes` and odd ones, in blocks or not; the words of a third of them are in disorder."""
    real = [part for code in codes for part in re.split(r"\n(?=[^\s)\]}#])", code)]
    listed = st.lists(st.sampled_from(_STATEMENTS) | st.sampled_from(real), max_size=6).map("\n".join)
    blocks = st.builds(lambda head, body: f"{head}\n{indent(body or 'pass', '  ')}", st.sampled_from(_BLOCKS), listed)
    several = st.lists(listed | blocks, min_size=1, max_size=3).map("\n".join)
    return several | several | several.flatmap(_disordered)


@st.composite
def _disordered(draw: st.DrawFn, code: str) -> str:
    """The code with words gone, repeated, moved or reversed, and with odd pieces put in."""
    words = re.findall(r"\w+|[^\w\n]|\n *", code)
    for _ in range(draw(st.sampled_from((1, 2, 5, 20)))):
        start, cut = (draw(st.integers(0, len(words))) for _ in range(2))
        piece = words[start : start + draw(st.sampled_from((0, 1, 2, 8, 100)))]
        changes = st.sampled_from(([], piece * 2, piece[::-1], words[cut : cut + 20]))
        words[start : start + len(piece)] = draw(changes | st.sampled_from(_PIECES).map(lambda one: [one]))
    return "".join(words)


def _extreme(form: tuple[str, str, str], size: int) -> str:
    before, unit, behind = form
    size = min(size, 99) if ">" in unit else size  # Python has room for 100 indentations
    units = (unit.replace("N", str(n)).replace("M", str(n + 1)).replace(">", " " * n) for n in range(size))
    return before + "".join(units) + (behind * size if behind in (")", "]") else behind.replace(">", " " * size))
