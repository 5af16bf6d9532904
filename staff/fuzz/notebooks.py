"""Notebook files that no editor writes: cells of code that no student would write, and real notebooks that are damaged.

The code is grammar at random, and what is too deep, too long or full of odd characters.
"""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from .damage import damaged
from .values import altered, dumped, odd_values

_NAMES = (
    "train",
    "evaluate",
    "model",
    "test_acc",
    "acc",
    "loss",
    "print",
    "collate_batch",
    "RNN",
    "torch",
    "self",
    "x",
)
_LEAVES = (
    *_NAMES, '"Test accuracy: "', '"epoch "', '" ppl "', '"\\x00"', '"{}"', '"%s %d"', '"한글"', '"\\ud800"', "0", "1",
    "0.9", "1e999", "-1", "None", "True", "...", "b'x'", "9" * 400, "0x" + "f" * 300, "1j", "()", "{}",
)  # fmt: skip
# Forms of code: `n` and `m` are names, `a` and `b` expressions.
_EXPRESSIONS = r"""
{a} + {b} ¦ {a} @ {b} ¦ {a} | {b} ¦ {a} < {b} < {a} ¦ {a} if {b} else {a} ¦ not {a} ¦ -{a} ¦ {a} and {b} ¦ {a}.acc
¦ {a}.append({b}) ¦ {a}[{b}] ¦ {a}[{b}:] ¦ {a}({b}) ¦ {a}(*{b}, **{a}) ¦ {a}(acc={b}) ¦ [{a}, *{b}] ¦ {{{a}, {b}}}
¦ {{{a}: {b}, **{a}}} ¦ lambda x=({a}): {b} ¦ lambda *a, **k: {b} ¦ [{a} for x in {b} if {a}] ¦ {{x: {a} for x in {b}}}
¦ ({a} for acc in {b}) ¦ (y := {a}) ¦ f'{{{a}:.2f}} acc {{{b}!r}}' ¦ (yield {a}) ¦ (await {a}) ¦ 'Test acc: %.2f' % {a}
¦ '{{}} ppl'.format({a}, {b}) ¦ print({a}, {b}) ¦ str({a}) ¦ round({a}, 2) ¦ getattr({a}, 'backward') ¦ exec({a})
¦ super().__init__({a}) ¦ sorted({a}, key={b})[0]"""
_STATEMENTS = r"""
{n} = {a} ¦ {n}, *{m} = {a} ¦ {n}: int = {a} ¦ {n}: {a} ¦ {n} += {a} ¦ {n}.acc = {a} ¦ {n}[{a}] = {b} ¦ {a} ¦ # {a} ¦
¦ print('Test accuracy:', {a}) ¦ print(f'Test acc: {{{a}}} | ppl {{{b}:.3f}}', end={b}) ¦ print({a}, sep={b})
¦ del {n}, {m} ¦ global {n} ¦ global {n}; {n} = {a} ¦ nonlocal {n} ¦ import torch as {n} ¦ import {n}.{m} as {n}
¦ from torch import nn, {n} ¦ from {n} import * ¦ from . import {n} ¦ from __future__ import annotations ¦ return {a}
¦ raise {a} from {b} ¦ assert {a}, {b} ¦ pass ¦ break ¦ continue ¦ for {n} in {a}: print({n}, {b})
¦ for {n}[0], {m}.acc in {a}: {b} ¦ while {a}: {n} = {b} ¦ with {a} as ({n}, {m}): {b} ¦ async def {n}(): {a}
¦ {n} = {m} ¦ {n} = {n} ¦ {n}, {m} = {m}, {n} ¦ {n} = lambda: {m}() ¦ type {n} = {a} ¦ {n} = torch.nn.GRU({a})
¦ {n}({a}).backward() ¦ %matplotlib inline ¦ !pip install {n} ¦ pip install x ¦ {n} = !ls ¦ {n}? ¦ %timeit {a}
¦ %%time
{a} ¦ %%bash
{n} ¦ @{a}
class {n}: pass ¦ writer.add_scalar('acc/test', {a}, {b}) ¦ plt.plot({a}, label='valid acc')
¦ plt.plot([{n} for {n} in {a}]) ¦ for epoch in range(10): print(f'epoch {{epoch}} acc {{{a}}}')"""
_BLOCKS = r"""
def {n}({m}={a}, *args, acc={b}, **kw) -> {a}: ¦ def {n}(): ¦ class {n}({a}, metaclass={b}): ¦ class {n}: ¦ if {a}:
¦ else: ¦ for {n} in {a}: ¦ async for {n} in {a}: ¦ while {a}: ¦ with {a} as {n}, {b}: ¦ async def {n}({m}): ¦ try:
¦ @{a}
def {n}(self, {m}): ¦ match {a}:
  case {{'x': {n}, **rest}} if {b}: ¦ match {a}:
  case [x, *{n}] | {m}.acc:"""
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
    """A notebook file: made up, or the `real` one damaged, into which pieces of `others` may get."""
    odd = odd_values((*_WORDS, *_SHOWN))
    made_up = (_made_up(), _made_up().flatmap(lambda notebook: altered(notebook, odd)), odd)
    beside = st.sampled_from(_BESIDE)
    written = [st.builds(_written, one, st.sampled_from(_ENCODINGS), st.booleans(), beside, beside) for one in made_up]
    changed = [altered(json.loads(real), odd, most).map(lambda one: dumped(one).encode()) for most in (4, 20)]
    return st.one_of(*written, *changed, damaged([real], others))


def _written(notebook: Any, encoding: str, ascii_only: bool, before: bytes, behind: bytes) -> bytes:
    errors = "surrogatepass" if encoding.startswith("utf") else "replace"
    return before + dumped(notebook, ascii_only).encode(encoding, errors) + behind


def _made_up() -> st.SearchStrategy[Any]:
    """The values of a notebook of format 4 or 3."""
    cells = st.lists(
        st.builds(_cell, _codes(), st.booleans(), st.sampled_from(_SHOWN), st.sampled_from(_SHOWN)), max_size=6
    )
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


def _codes() -> st.SearchStrategy[str]:
    """The source of one code cell."""
    blocks = _filled(_BLOCKS)
    statements = st.recursive(
        _filled(_STATEMENTS), lambda inner: st.builds(_block, blocks, st.lists(inner, max_size=4)), max_leaves=6
    )
    grown = st.lists(statements, max_size=8).map("\n".join)
    extreme = st.builds(_extreme, st.sampled_from(_EXTREMES), st.sampled_from(_SIZES))
    return st.one_of(statements, grown, extreme, st.text(max_size=60))


def _filled(forms: str) -> st.SearchStrategy[str]:
    """One of the forms with names and expressions in it."""
    expression, form = (st.sampled_from([one.strip() for one in listed.split("¦")]) for listed in (_EXPRESSIONS, forms))
    expressions = st.recursive(
        st.sampled_from(_LEAVES), lambda inner: st.builds(str.format, expression, a=inner, b=inner), max_leaves=6
    )
    names = st.sampled_from(_NAMES)
    return st.builds(str.format, form, n=names, m=names, a=expressions, b=expressions)


def _block(head: str, body: list[str]) -> str:
    indent = "    " if "case" in head else "  "
    lines = "\n".join(indent + line for line in "\n".join(body or ["pass"]).split("\n"))
    return f"{head}\n{lines}" + ("\nfinally: pass" if head == "try:" else "")


def _extreme(form: tuple[str, str, str], size: int) -> str:
    before, unit, behind = form
    size = min(size, 99) if ">" in unit else size  # Python has room for 100 indentations
    units = (unit.replace("N", str(n)).replace("M", str(n + 1)).replace(">", " " * n) for n in range(size))
    return before + "".join(units) + (behind * size if behind in (")", "]") else behind.replace(">", " " * size))
