"""Cells of code that no student would write, by hypothesis: grammar at random, and what is too deep or too long."""

from hypothesis import strategies as st

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
_TEXTS = ("Test accuracy: ", "epoch ", " ppl ", "\\x00", "{}", "%s %d", "한글", "\\ud800")
_VALUES = ("0", "1", "0.9", "1e999", "-1", "None", "True", "...", "b'x'", "9" * 400, "0x" + "f" * 300, "1j", "()", "{}")
_FORMS = (
    "{a} + {b}", "{a} @ {b}", "{a} < {b} < {a}", "{a} if {b} else {a}", "not {a}", "-{a}", "{a} and {b}", "{a}.acc",
    "{a}.append({b})", "{a}[{b}]", "{a}[{b}:]", "{a}({b})", "{a}(*{b}, **{a})", "{a}(acc={b})", "[{a}, *{b}]",
    "{{{a}: {b}, **{a}}}", "{{{a}, {b}}}", "lambda x=({a}): {b}", "lambda *a, **k: {b}", "[{a} for x in {b} if {a}]",
    "{{x: {a} for x in {b}}}", "({a} for acc in {b})", "(y := {a})", "f'{{{a}:.2f}} acc {{{b}!r}}'", "(yield {a})",
    "(await {a})", "'Test acc: %.2f' % {a}", "'{{}} ppl'.format({a}, {b})", "print({a}, {b})", "str({a})",
    "round({a}, 2)",
    "getattr({a}, 'backward')", "exec({a})", "super().__init__({a})", "{a} | {b}", "sorted({a}, key={b})[0]",
)  # fmt: skip
_SIMPLE = (
    "{n} = {a}", "{n}, *{m} = {a}", "{n}: int = {a}", "{n}: {a}", "{n} += {a}", "{n}.acc = {a}", "{n}[{a}] = {b}",
    "{a}",
    "print('Test accuracy:', {a})", "print(f'Test acc: {{{a}}} | ppl {{{b}:.3f}}', end={b})", "print({a}, sep={b})",
    "del {n}, {m}", "global {n}", "nonlocal {n}", "import torch as {n}", "from torch import nn, {n}",
    "from {n} import *",
    "from . import {n}", "from __future__ import annotations", "import {n}.{m} as {n}", "return {a}",
    "raise {a} from {b}",
    "assert {a}, {b}", "pass", "break", "continue", "for {n} in {a}: print({n}, {b})", "while {a}: {n} = {b}",
    "{n} = {m}",
    "for {n}[0], {m}.acc in {a}: {b}", "with {a} as ({n}, {m}): {b}", "{n} = lambda: {m}()", "async def {n}(): {a}",
    "%matplotlib inline", "!pip install {n}", "{n} = !ls", "{n}?", "%%time\n{a}", "%%bash\n{n}", "%timeit {a}",
    "pip install x",
    "writer.add_scalar('acc/test', {a}, {b})", "plt.plot({a}, label='valid acc')", "plt.plot([{n} for {n} in {a}])",
    "for epoch in range(10): print(f'epoch {{epoch}} acc {{{a}}}')", "{n} = torch.nn.GRU({a})", "{n}({a}).backward()",
    "global {n}; {n} = {a}", "type {n} = {a}", "{n} = {n}", "{n}, {m} = {m}, {n}", "@{a}\nclass {n}: pass", "# {a}", "",
)  # fmt: skip
_BLOCKS = (
    "def {n}({m}={a}, *args, acc={b}, **kw) -> {a}:", "def {n}():", "class {n}({a}, metaclass={b}):", "class {n}:",
    "if {a}:",
    "for {n} in {a}:", "while {a}:", "with {a} as {n}, {b}:", "@{a}\ndef {n}(self, {m}):", "async def {n}({m}):",
    "try:",
    "match {a}:\n  case {{'x': {n}, **rest}} if {b}:", "match {a}:\n  case [x, *{n}] | {m}.acc:", "else:",
    "async for {n} in {a}:",
)  # fmt: skip


def _filled(form: str, names: tuple[str, str], parts: tuple[str, str]) -> str:
    return form.format(n=names[0], m=names[1], a=parts[0], b=parts[1])


def expressions() -> st.SearchStrategy[str]:
    """An expression."""
    leaves = st.one_of(
        st.sampled_from(_NAMES), st.sampled_from(_VALUES), st.sampled_from(_TEXTS).map(lambda text: f'"{text}"')
    )
    names = st.just(("x", "y"))
    return st.recursive(
        leaves,
        lambda inner: st.builds(_filled, st.sampled_from(_FORMS), names, st.tuples(inner, inner)),
        max_leaves=6,
    )


def cells() -> st.SearchStrategy[str]:
    """The source of one code cell."""
    names = st.tuples(st.sampled_from(_NAMES), st.sampled_from(_NAMES))
    parts = st.tuples(expressions(), expressions())
    simple = st.builds(_filled, st.sampled_from(_SIMPLE), names, parts)
    statements = st.recursive(
        simple,
        lambda inner: st.builds(
            _block, st.builds(_filled, st.sampled_from(_BLOCKS), names, parts), st.lists(inner, max_size=4)
        ),
        max_leaves=6,
    )
    grown = st.lists(statements, max_size=8).map("\n".join)
    return st.one_of(grown, grown, extremes(), st.text(max_size=60))


def _block(head: str, body: list[str]) -> str:
    lines = "\n".join(body or ["pass"]).split("\n")
    indent = "    " if "case" in head else "  "
    return "\n".join([head, *(indent + line for line in lines)]) + ("\nfinally: pass" if head == "try:" else "")


def extremes() -> st.SearchStrategy[str]:
    """Code that is deep, long, full of odd characters, or round in circles."""
    return st.builds(
        lambda form, size: form(size),
        st.sampled_from((
            lambda size: "x = " + "1 + " * size + "1",
            lambda size: "x = " + "(" * size + ")" * size,
            lambda size: "x = " + "-" * size + "1",
            lambda size: "x = a" + ".b" * size,
            lambda size: "x = f" + "(1)" * size,
            lambda size: "x = " + "[" * min(size, 150) + "]" * min(size, 150),
            lambda size: "x = " + "lambda: " * size + "0",
            lambda size: "x = " + "'a' " * size,
            lambda size: "print('Test acc: ' + " + "str(acc) + " * size + "'')",
            lambda size: "\n".join(" " * depth + "if x:" for depth in range(min(size, 90))) + "\n" + " " * 99 + "y = 1",
            lambda size: "\n".join(" " * depth + f"def f{depth}():" for depth in range(min(size, 90))) + " pass",
            lambda size: "\n".join(f"f{n} = f{n + 1}" for n in range(size)) + f"\nf{size} = f0\nprint('acc', f0)",
            lambda size: "\n".join(f"def f{n}(): return f{n + 1}() + f{n}()" for n in range(size)) + "\nprint(f0())",
            lambda size: "x = 1\n" * size,
            lambda size: "if x: pass\n" + "elif y: pass\n" * size,
            lambda size: "a" * size + " = 1",
            lambda size: "x = " + "9" * size,
            lambda size: f"x = f'{'{' * min(size, 200)}'",
            lambda size: "global " + ", ".join(f"g{n}" for n in range(size)),
            lambda size: "def f(" + ", ".join(f"a{n}" for n in range(size)) + "): return a0",
            lambda size: "x = 1;" * size,
            lambda size: "\\\n" * size + "x",
            lambda size: "%" * size, lambda size: "!" * size, lambda size: "%time " * size, lambda size: "?" * size,
            lambda size: "\x0c\n\x1c\x1d\u2028\u2029\x85\x0b" * size + "x = 1",
            lambda size: "\x00" * size, lambda size: "\ud800" * size, lambda size: "\u0301" * size,
            lambda size: "# coding: utf-7\n# -*- coding: latin-1 -*-\n" + "é" * size,
            lambda size: '"""' * size, lambda size: "\t" * size + "x", lambda size: "\r" * size + "x = 1",
        )),
        st.sampled_from((0, 1, 2, 50, 99, 250, 990, 1500, 2900, 10_000)),
    )  # fmt: skip
