"""The limits that notebooks and bundles name are those of the manifest."""

import ast
import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
import torch
from safetensors.torch import save_file

from autograder.authoring import limits
from autograder.course.limits import QuestionLimits
from autograder.course.manifest import Assignment, language_of, load, points_text
from autograder.course.model_question import ModelQuestion
from autograder.course.root import project_root

ROOT = project_root(Path(__file__).parent)
COURSE = load(ROOT)
NOTEBOOKS = [(assignment, name) for assignment in COURSE.values() for name in assignment.notebooks]
MODEL = ModelQuestion("x", "x", "*.pt", 88, 5, 0.9, 0.4, 71.5, 72, 0, 73)


def numbers_of(assignment: Assignment) -> list[str]:
    one = assignment.limits
    sizes = one.memory_mib, one.scratch_mib, min(16, one.scratch_mib), one.output_mib
    return [points_text(one.seconds), str(one.cpu_seconds), *map(str, sizes), "128", "64", "10000"]


def numbers_in(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", text.replace(",", ""))


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS, ids=[name for _, name in NOTEBOOKS])
def test_each_notebook_names_the_limits_of_the_manifest(assignment: Assignment, name: str) -> None:
    text = "\n\n".join(cell.source for cell in nbformat.read(ROOT / "notebooks" / name, 4).cells)
    (listed,) = re.findall(r"\*\*Limits\.\*\*.+?\n\n((?:- .+\n?)+)", text)
    assert numbers_in(listed) == numbers_of(assignment)
    listed_models = re.findall(r"\*\*Limits of a saved model\.\*\*.+?\n\n((?:- .+\n?)+)", text)
    rules = [rule for label, rule in assignment.model_questions.items() if f"{label}. " in text]
    assert [numbers_in(one) for one in listed_models] == [
        [str(rule.model_mib), "4096", points_text(rule.seconds), str(rule.memory_mib), "20"] for rule in rules
    ]
    assert len(rules) == (assignment.name == "assignment2")


def test_another_manifest_gives_other_numbers() -> None:
    limited = QuestionLimits(71.5, 72, 73, 12, 15)
    assignment = replace(COURSE["hw4"], limits=limited, question_limits={"1e": replace(limited, seconds=90)})
    text = limits.of_code(assignment)
    assert numbers_in(text.replace("- 1e: ", "- own: ")) == [
        *("71.5", "73", "72", "12", "12", "15", "128", "90", "73", "64", "10000")
    ]
    assert "\n- 1e: time: 90 seconds for a question" in text and text.count("memory") == 1
    assert numbers_in(limits.of_models(MODEL)) == ["73", "4096", "71.5", "72", "20"]
    assert numbers_in(limits.of_archives()) == ["64", "10000", "10000", "4096"]


def test_in_korean_the_limits_have_the_same_numbers() -> None:
    limited = replace(COURSE["hw4"].limits, seconds=90)
    assignment = replace(COURSE["hw4"], question_limits={"1e": limited})
    korean = language_of(ROOT, "ko")
    for english in (limits.of_code(assignment), limits.of_models(MODEL), limits.of_archives()):
        text = korean.render(english)
        assert sorted(numbers_in(text)) == sorted(numbers_in(english))
        assert text.count("\n- ") == english.count("\n- ")
        assert set(re.findall(r"[A-Za-z]+", text)) <= {"MiB", "CPU", "GPU", "PyTorch", "e"}


@pytest.mark.parametrize(("topic", "label"), [("imdb", "2-1-2"), ("cifar10", "2-2-2")])
@pytest.mark.parametrize("mib", [1.5, 0.5])
def test_save_says_that_a_model_is_too_large(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], topic: str, label: str, mib: float
) -> None:
    """With the limit of the manifest, and one that is smaller, so that no large file is written."""
    script = ast.parse((ROOT / "staff" / "solutions" / f"{topic}.py").read_text())
    names: dict[str, Any] = {"torch": torch, "json": json, "asdict": dict, "CHECKPOINTS": tmp_path}
    for statement in script.body:
        if ast.unparse(statement).startswith(("LARGEST_MIB", "def save(")):
            exec(compile(ast.Module([statement], []), topic, "exec"), names)
    assert names["LARGEST_MIB"] == COURSE["assignment2"].model_questions[label].model_mib
    names["LARGEST_MIB"] = 1
    weights = {"weight": torch.zeros(int(mib * 2**18))}
    if topic == "imdb":
        names["save"](SimpleNamespace(state_dict=lambda: weights), Config(config_name="wide"), torch.optim.Adam)
        assert json.loads((tmp_path / "wide.json").read_text()) == {"config_name": "wide", "optimizer": "Adam"}
    else:

        def save_pretrained(folder: Path, **_: object) -> None:
            folder.mkdir()
            save_file(weights, folder / "model.safetensors")

        names["save"](SimpleNamespace(save_pretrained=save_pretrained), {"image_size": 32}, "wide")
        assert json.loads((tmp_path / "wide" / "preprocess.json").read_text()) == {"image_size": 32}
    said = capsys.readouterr().out
    assert said == "" if mib < 1 else "has 1.5 MiB. The grader reads at most 1 MiB: make this model smaller." in said


class Config(dict[str, str]):
    """A configuration whose fields are attributes."""

    def __getattr__(self, name: str) -> str:
        return self[name]
