"""What a reader tells of a notebook arrives as it was, and anything else that arrives is an error, not a value."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from autograder.notebook.claims.model import SavedOutputs
from autograder.notebook.findings import BrokenRule, Unreadable
from autograder.notebook.functions import Function
from autograder.notebook.notebook import read
from autograder.notebook.outline import MOST_REPAIRS, Outline
from autograder.notebook.repair import Kind, Repair
from autograder.notebook.usage import Usage, Use
from autograder.protocol.envelope import message_in
from conftest import notebook_of

NOTHING = SavedOutputs().to_wire()
ERRORS = (TypeError, ValueError, KeyError, AttributeError)


def over_the_wire(outline: Outline) -> Any:
    return json.loads(json.dumps(outline.to_wire()))


def test_an_outline_arrives_as_it_was() -> None:
    notebook = read(
        b"\xef\xbb\xbf" + notebook_of("import torch\ndef f(x):\n    return torch.relu(x)", "class A(:\n  x")
    )
    outline = Outline.of(notebook)
    assert Outline.from_wire(over_the_wire(outline)) == outline
    assert outline.definitions == {"torch": [1], "f": [1]}
    assert [(cell.cell, cell.line, cell.names) for cell in outline.unreadable] == [(2, 1, ("A",))]
    assert [repair.kind for repair in outline.repairs] == [Kind.ENCODING]
    assert any(use.spelled == "torch.relu" for usage in outline.usages for use in usage.uses)


WIRE: dict[str, Any] = {
    "definitions": {"f": [1]},
    "unreadable": [{"cell": 2, "line": 1, "error": "invalid syntax", "text": "x =", "names": ["A"]}],
    "usages": [
        {
            "cell": 1,
            "names": ["f"],
            "methods": [],
            "asks": ["torch"],
            "uses": [
                {"origins": ["torch.relu"], "spelled": "torch.relu", "line": 3, "text": "x", "merely_named": False}
            ],
        }
    ],
    "saved": NOTHING,
    "repairs": [{"kind": "encoding", "note": "it is"}],
    "order_sensitive": ["f"],
    "python": "3.11",
    "functions": [{"name": "f", "cell": 1, "first": 2, "last": 3, "digest": "d", "gives": "x", "parameters": ["x"]}],
    "attributes": {"": ["relu"], "Net": []},
    "cells": [{"number": 1, "heading": "1a", "lines": ["x = 1"]}],
    "impure": ["f"],
}


def test_every_field_has_its_place() -> None:
    outline = Outline.from_wire(WIRE)
    assert outline.unreadable == [Unreadable(2, 1, "invalid syntax", "x =", ("A",))]
    assert outline.usages == [Usage(1, ("f",), (), ("torch",), (Use(("torch.relu",), "torch.relu", 3, "x"),))]
    assert outline.repairs == [Repair(Kind.ENCODING, "it is")]
    assert outline.order_sensitive == outline.impure == ["f"]
    assert outline.functions == [Function("f", 1, 2, 3, "d", "x", ("x",))]
    assert outline.attributes == {"": ["relu"], "Net": []}


def without(path: list[Any]) -> Any:
    """The wire form without what lies at a path."""
    wire = json.loads(json.dumps(WIRE))
    *above, last = path
    inside = wire
    for key in above:
        inside = inside[key]
    del inside[last]
    return wire


MISSING = [
    *([key] for key in WIRE),
    *(["unreadable", 0, key] for key in ("cell", "line", "error", "text", "names")),
    *(["usages", 0, key] for key in ("cell", "names", "methods", "asks", "uses")),
    *(["usages", 0, "uses", 0, key] for key in ("origins", "spelled", "line", "text")),
    *(["repairs", 0, key] for key in ("kind", "note")),
]


@pytest.mark.parametrize("path", MISSING, ids=lambda path: ".".join(map(str, path)))
def test_an_outline_that_lacks_anything_is_an_error(path: list[Any]) -> None:
    with pytest.raises(ERRORS):
        Outline.from_wire(without(path))


@pytest.mark.parametrize(
    "odd",
    [
        None,
        3,
        [],
        WIRE | {"definitions": [1]},
        WIRE | {"definitions": {"f": ["x"]}},
        WIRE | {"definitions": {"f": 5}},
        WIRE | {"unreadable": 5},
        WIRE | {"unreadable": [5]},
        WIRE | {"usages": [[1, ["f"], [], []]]},
        WIRE | {"order_sensitive": 3},
        WIRE | {"repairs": {"kind": "late"}},
        WIRE | {"repairs": [3]},
        WIRE | {"repairs": ["late"]},
        WIRE | {"repairs": [{"kind": "unheard of", "note": "x"}]},
        WIRE | {"repairs": [{"kind": ["late"], "note": "x"}]},
    ],
)
def test_an_outline_of_another_form_is_an_error(odd: Any) -> None:
    with pytest.raises(ERRORS):
        Outline.from_wire(odd)


def test_names_that_no_cell_binds_are_left_out() -> None:
    assert Outline.from_wire(WIRE | {"definitions": {"f": [], "g": [2]}}).definitions == {"g": [2]}


def test_repairs_are_cleaned_and_capped() -> None:
    told = {"kind": "paths", "note": "\x1b[31mred\nand   long" + "g" * 1000}
    repairs = Outline.from_wire(WIRE | {"repairs": [told] * 1000}).repairs
    assert len(repairs) == MOST_REPAIRS
    assert repairs[0].note.startswith("red and long") and len(repairs[0].note) <= 200
    assert repairs[0].of("a.ipynb").note.startswith("a.ipynb: red and long")


@pytest.mark.parametrize("make", [lambda rule: rule, lambda rule: json.loads(json.dumps(rule))])
def test_a_broken_rule_arrives_as_it_was(make: Callable[[Any], Any]) -> None:
    rule = BrokenRule(2, 4, "torch.gru", "torch.gru*", "return torch.gru(h)", "forbidden layer")
    assert BrokenRule.from_wire(make(rule.to_wire())) == rule
    for key in rule.to_wire():
        with pytest.raises(KeyError):
            BrokenRule.from_wire({name: value for name, value in rule.to_wire().items() if name != key})


def test_a_format_of_many_digits_is_told_in_a_reply_that_is_accepted() -> None:
    data = json.dumps({"nbformat": 1 << 63, "nbformat_minor": 5, "metadata": {}, "cells": []}).encode()
    reply = json.dumps(Outline.of(read(data)).to_wire()).encode()
    (repair,) = Outline.from_wire(message_in(reply)).repairs
    assert repair.note.startswith("it is of format 9223372036, not of 4")
