"""The lines that a verdict offers for pasting run in a kernel, and repeat what the grader saw."""

import ast
import json
import re
import subprocess
import sys
from typing import Any

import pytest
import torch
from korean import in_korean
from torch import nn

from autograder.authoring.answers import answered_notebook, read_answer
from autograder.authoring.build import read_sources
from autograder.course.course import load_course
from autograder.course.manifest import load
from autograder.course.public_case import case
from autograder.course.root import project_root
from autograder.marking.question import ask_question
from autograder.marking.verdict import Verdict
from autograder.protocol.pasting import Shown, lines_to_paste
from autograder.protocol.session import Session
from autograder.protocol.transcript import Transcript
from autograder.sandbox import Sandbox

ROOT = project_root()
COURSES = load(ROOT)
NOTEBOOKS = {
    "gru": ("assignment2", "Assignment2-1_RNN.ipynb"),
    "swin": ("assignment2", "Assignment2-2_Transformers.ipynb"),
    "rnn": ("hw4", "hw4_rnn.ipynb"),
    "vit": ("hw4", "hw4_vit.ipynb"),
}


def asked(sandbox: Sandbox, topic: str, mutant: str) -> tuple[Verdict, str]:
    """What a mutant's question gives, and the definitions of its notebook, as a kernel has them."""
    assignment, notebook = NOTEBOOKS[topic]
    answer = read_answer(ROOT / "staff" / "mutants" / topic / f"{mutant}.py")
    content = answered_notebook(read_sources(ROOT, COURSES[assignment].notebooks[notebook]), answer)
    with Session(sandbox.fork, content, notebook, 60.0) as session:
        (question,) = answer.questions
        verdict = ask_question(load_course(ROOT, COURSES[assignment]), session, question, {})
    return verdict, definitions(content)


def definitions(content: bytes) -> str:
    """All imports, functions and classes of a notebook; nothing runs."""
    parts = ["import data; data.install_torchtext()", "DEVICE = 'cpu'"]
    for cell in json.loads(content)["cells"]:
        if cell["cell_type"] == "code":
            tree = ast.parse("".join(cell["source"]))
            kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
            parts += [ast.unparse(node) for node in tree.body if isinstance(node, kinds)]
    return "\n".join(parts)


def kernel(*parts: str) -> subprocess.CompletedProcess[str]:
    """A process that runs the parts one after the other, as a kernel runs cells."""
    script = "\n".join(parts)
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("topic", "mutant"),
    [
        ("gru", "backward_bias_gradients_exchanged"),
        ("swin", "no_mask"),
        ("rnn", "collate_cut_in_front"),
        ("vit", "block_post_norm"),
    ],
)
def test_the_lines_repeat_what_the_message_says(sandbox: Sandbox, topic: str, mutant: str) -> None:
    verdict, notebook = asked(sandbox, topic, mutant)
    *lines, last = verdict.evidence.case
    want, place, got = re.findall(r"expected (\S+) at (\[.*?\]), got (\S+)", verdict.message)[0]
    done = kernel(notebook, *lines, f"for one in ({last}): print('is', format(one[{place[1:-1]}].item(), '.6g'))")
    assert re.findall("is (.*)", done.stdout) == [got, want], done.stderr


def test_the_lines_fail_where_the_code_fails(sandbox: Sandbox) -> None:
    verdict, notebook = asked(sandbox, "gru", "backward_shapes_clash")
    *lines, last = verdict.evidence.case
    assert last == "got"
    done = kernel(notebook, *lines)
    assert done.returncode and verdict.message.splitlines()[0] in done.stderr


@pytest.mark.slow
def test_a_method_of_what_was_made_can_be_repeated(sandbox: Sandbox) -> None:
    verdict, notebook = asked(sandbox, "rnn", "loss_share")
    assert ").compute_loss(prediction, label)" in verdict.evidence.case[2]
    done = kernel(notebook, *verdict.evidence.case)
    assert not done.returncode, done.stderr


@pytest.mark.parametrize(("topic", "mutant"), [("vit", "attention_values_unweighted"), ("vit", "vit_token_data")])
def test_what_cannot_be_written_has_no_lines(sandbox: Sandbox, topic: str, mutant: str) -> None:
    verdict, _ = asked(sandbox, topic, mutant)
    assert verdict.diagnosis and not verdict.evidence.case and verdict.evidence.excerpts


def test_a_case_is_unpacked_and_says_what_is_right() -> None:
    grad_output, *_ = example = case("2-1-1b", 2)
    assert example.expected["grad_hidden"].shape == grad_output.shape
    x, *_ = case("2-1-1b", 2)
    x.zero_()
    assert bool(case("2-1-1b", 2)[0].any())  # every call gives fresh tensors


@pytest.mark.parametrize(
    ("question", "number", "says"),
    [
        ("2-1-1a", 5, "2-1-1a has 4 public cases; there is no case 5"),
        ("2-1-1a", 0, "there is no case 0"),
        ("9z", 1, "there is no question 9z with public cases"),
        ("3b", 1, "there is no question 3b with public cases"),
    ],
)
def test_a_case_that_there_is_not(question: str, number: int, says: str) -> None:
    with pytest.raises(LookupError, match=says):
        case(question, number)


def test_a_case_that_there_is_not_in_korean(monkeypatch: pytest.MonkeyPatch) -> None:
    speaking = {name: in_korean(assignment) for name, assignment in load(ROOT).items()}
    monkeypatch.setattr("autograder.course.public_case.load", lambda _: speaking)
    with pytest.raises(LookupError, match="2-1-1a의 공개 케이스는 4개입니다. 5번은 없습니다"):
        case("2-1-1a", 5)
    with pytest.raises(LookupError, match="공개 케이스가 있는 문항 9z은"):
        case("9z", 1)


def test_stand_ins_leave_the_kernel_as_it_was() -> None:
    names: Any = sys.modules["__main__"]
    names.IdentityMLP = "mine"
    example = case("2-2-1", 1)
    with pytest.raises(ZeroDivisionError), example:
        assert isinstance(names.IdentityMLP(4), nn.Module) and isinstance(names.HeaderConcatMLP(4, 4), nn.Module)
        raise ZeroDivisionError
    assert names.IdentityMLP == "mine" and not hasattr(names, "HeaderConcatMLP")
    del names.IdentityMLP


def test_parameters_go_to_parts_of_any_name() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.other = nn.Linear(2, 3)

    weight = torch.arange(6.0).reshape(3, 2)
    block = case("3c", 1).assign(Block(), {"fc.weight": weight})
    assert isinstance(block, Block) and block.other.weight.equal(weight)


def test_parts_of_a_class_are_numbered() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.number = nn.Parameter(torch.tensor(-1.0))

    model = case("3d", 1).number_parts(nn.Sequential(Block(), nn.ReLU(), Block()), "Block")
    assert [one.item() for one in model.parameters()] == [0, 1]


def test_names_of_a_notebook_are_not_trusted() -> None:
    """What stands for an input in the lines is always a name, and never one of ours."""
    x, y, z = torch.zeros(1), torch.ones(1), torch.ones(2)
    transcript = Transcript((x, y, z, {"w": x}), {"y": z})
    wrong = Shown(torch.zeros(2), "y")
    transcript.called("f", [transcript.write(one) for one in (x, y, z)], ("f", ""))
    transcript.returned(wrong.got)
    unpacked = lines_to_paste(transcript, "1a", 1, lambda _: ("x; import os", "case", "z"), wrong)[1]
    assert unpacked == 'x1, x2, z, _ = example = case("1a", 1)'
    assert lines_to_paste(transcript, "1a", 1, lambda _: ("z", "z"), wrong)[1].startswith("z, x2, x3, _")
    transcript.called("f", ["1"], ("f", ""))
    transcript.returned(other := torch.zeros(2) - 1)
    assert lines_to_paste(transcript, "1a", 1, lambda _: (), Shown(other, "y")) == ()  # nothing of the case


@pytest.mark.parametrize(
    ("got", "last"),
    [
        (torch.zeros(2), 'got, example.expected["y"]'),
        (torch.ones(2) + 5e-5, '(got - example.expected["y"]).abs().max(), 0'),  # printed alike
        (torch.ones(2, 1), "got.shape, (2,)"),
        ("no tensor", "type(got), torch.Tensor"),
        ((torch.ones(2), torch.ones(2)), "type(got), torch.Tensor"),
    ],
)
def test_the_last_line_shows_what_tells_a_result_from_the_right_one(got: object, last: str) -> None:
    x = torch.zeros(3)
    transcript = Transcript((x,), {"y": torch.ones(2)})
    transcript.called("f", [transcript.write(x)], ("f", ""))
    transcript.returned(got)
    assert lines_to_paste(transcript, "1a", 1, lambda _: ("x",), Shown(got, "y"))[2:] == ("got = f(x)", last)
    nothing = Shown(got, want=torch.full((2,), 7.0)) if isinstance(got, torch.Tensor) and got.dim() == 1 else Shown(got)
    assert lines_to_paste(transcript, "1a", 1, lambda _: ("x",), nothing) == ()  # to compare with


def test_a_number_is_shown_with_all_its_digits_and_the_very_value_is_found() -> None:
    x = torch.zeros(3)
    transcript = Transcript((x,), {"y": torch.tensor(2.0)})
    transcript.called("f", [transcript.write(x)], ("f", ""))
    transcript.returned((torch.tensor(1.0), got := torch.tensor(1.0)))
    shown = lines_to_paste(transcript, "1a", 1, lambda _: ("x",), Shown(got, "y"))
    assert shown[-1] == 'float(got[1]), float(example.expected["y"])'


def test_what_shows_in_a_second_call_is_called_twice() -> None:
    x, right = torch.arange(2.0), torch.arange(2.0)
    transcript = Transcript((x,), {"y": right})
    transcript.called("Net", [], ("Net", ""))
    transcript.returned(object())
    transcript.hold(0, "Net()")
    for passed in (x, x.flip(0)):
        transcript.called(transcript.handle(0), [transcript.write(passed)], ("Net", "forward"))
        transcript.returned(result := right.clone())
    second = Shown(result, want=right.flip(0), second=True)
    assert lines_to_paste(transcript, "1a", 1, lambda _: ("x",), second)[2:] == (
        *("made = Net()", "made(x)", "got = made(x.flip(0))"),
        'got, example.expected["y"].flip(0)',
    )
