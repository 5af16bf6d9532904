"""`verify` is green for a sound course, and red with a way to mend it for each thing that can be wrong."""

import dataclasses
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.authoring.answers import AnswerError, Expected, read_answer
from autograder.authoring.build import write_notebooks
from autograder.authoring.cases import write_cases
from autograder.authoring.collect_script import write_script
from autograder.authoring.proof import ProofCache, ProofResult
from autograder.authoring.verify import EVERYTHING, Choice, ChoiceError, verify
from autograder.checks import Case
from autograder.cli.app import app
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.sandbox import Sandbox

pytestmark = pytest.mark.slow

MANIFEST = r"""
student_id = '\d{4}-\d{5}'
[tiny]
title = "Tiny"
deadline = 2024-01-01T00:00:00
timezone = "UTC"
archive = "{student_id}.zip"
points = 3
required = ["tiny.ipynb"]
notebooks = { "tiny.ipynb" = ["double"] }
notebook_points = { "tiny.ipynb" = 3 }
questions = { 1a = 3 }
limits = { seconds = 60, memory_mib = 512 }
"""
SOLUTION = """# %% [markdown]
# # Doubling
# %%
def double(x):
    ### BEGIN SOLUTION
    y = 2 * x
    ### END SOLUTION
    return y
"""
RECIPE = """
from autograder.checks import Case, recipe

@recipe("double", sizes=[{"rows": 2}])
def double(rng, rows):
    x = rng.normal(rows, 3)
    return Case(inputs=(x,), outputs={"y": 2 * x}, mistakes={"tripled": {"y": 3 * x}})
"""
CHECK = """
from autograder.checks import Mistake, expect, question

MISTAKES = {"tripled": Mistake("tripled", earns=1)}

@question("1a", points=3, cases="double")
def test_double(student, case):
    expect.matches(student.double(*case.inputs), case, dims={"y": "(rows, 3)"}, mistakes=MISTAKES)
"""
WRONG = ["x - 1", "-x", "x + 1", "x * 0", "4 * x"]
Course = Callable[[], dict[str, str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "assignments.toml": MANIFEST,
        "staff/solutions/double.py": SOLUTION,
        "staff/cases/double.py": RECIPE,
        "tests/test_double.py": CHECK,
        "staff/mutants/double/tripled.py": (
            "# question: 1a\n# diagnosis: tripled\n# earns: 1\ndef double(x):\n    return 3 * x\n"
        ),
        "staff/variants/double/sum.py": "# question: 1a\ndef double(x):\n    return x + x\n",
        "staff/variants/double/helper.py": "# question: 1a\ndef twice(x):\n    return x * 2\ndouble = twice\n",
    }
    for number, answer in enumerate(WRONG):
        files[f"staff/mutants/double/wrong{number}.py"] = (
            f"# question: 1a\n# diagnosis: wrong values\ndef double(x):\n    return {answer}\n"
        )
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assignment = load(tmp_path)["tiny"]
    write_notebooks(tmp_path, [assignment])
    write_cases(tmp_path, assignment)
    write_script(tmp_path, load(tmp_path))
    return tmp_path


@pytest.fixture
def problems(root: Path, sandbox: Sandbox) -> Course:
    return lambda: {one.name: one.problem for one in prove(root, sandbox, trust=False) if one.problem}


def prove(
    root: Path, sandbox: Sandbox, choice: Choice = EVERYTHING, seeds: int = 1, trust: bool = True
) -> list[ProofResult]:
    with ProofCache(root) as cache:
        opening = lambda: nullcontext([sandbox])  # noqa: E731
        return list(verify(root, load(root)["tiny"], opening, cache, choice, seeds, trust))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_sound_course_has_no_problems(root: Path, sandbox: Sandbox) -> None:
    proofs = prove(root, sandbox)
    assert [one.problem for one in proofs if one.problem] == []
    assert len(proofs) == 5 + 2 + 6 + 2 + 1 + 1


def test_a_check_that_is_broken_by_hand_names_the_mutant(root: Path, problems: Course) -> None:
    replace(root / "tests/test_double.py", "    expect.matches", "    return\n    expect.matches")
    found = problems()
    assert "should earn 1: 1a got 3, PASS" in found["mutant staff/mutants/double/tripled.py"]
    assert "fix staff/mutants/double/wrong0.py or tests/" in found["mutant staff/mutants/double/wrong0.py"]
    assert "1a got 3, PASS" in found["tiny.ipynb: the skeleton earns 0"]


def test_a_wrong_diagnosis_is_a_problem(root: Path, problems: Course) -> None:
    replace(root / "staff/mutants/double/wrong1.py", "wrong values", "negated")
    assert "should be called 'negated'" in problems()["mutant staff/mutants/double/wrong1.py"]


def test_a_variant_that_loses_points_is_a_problem(root: Path, problems: Course) -> None:
    replace(root / "staff/variants/double/sum.py", "x + x", "x")
    assert "staff/variants/double/sum.py" in problems()["variant staff/variants/double/sum.py"]


def test_a_wrong_solution_is_a_problem(root: Path, problems: Course) -> None:
    replace(root / "staff/solutions/double.py", "2 * x", "5 * x")
    assert "fix staff/solutions/" in problems()["tiny.ipynb: the solution earns full marks"]


def test_a_skeleton_that_fails_for_another_reason_is_a_problem(root: Path, problems: Course) -> None:
    replace(root / "staff/solutions/double.py", "def double(x):\n", "def double(x):\n    1 / 0\n")
    assert "'error'" in problems()["tiny.ipynb: the skeleton earns 0"]


def test_a_stale_notebook_names_build(root: Path, problems: Course) -> None:
    replace(root / "staff/solutions/double.py", "# Doubling", "# Twice")
    assert "tiny.ipynb; `autograder build` fixes it" in problems()["tiny: notebooks are fresh"]


def test_a_stale_script_names_build(root: Path, problems: Course) -> None:
    replace(root / "assignments.toml", r"\d{4}-\d{5}", r"\d{9}")
    assert problems() == {
        "tiny: CollectSubmission.sh is fresh": "a rebuild changes CollectSubmission.sh; `autograder build` fixes it"
    }


@pytest.mark.parametrize("old", ["rng.normal(rows, 3)", '"tripled": {"y"', 'rows": 2', "2 * x"])
def test_stale_cases_name_the_command(root: Path, problems: Course, old: str) -> None:
    new = {"rng.normal(rows, 3)": "rng.uniform(rows, 3)", 'rows": 2': 'rows": 4', "2 * x": "2.1 * x"}
    replace(root / "staff/cases/double.py", old, new.get(old, '"thrice": {"y"'))
    assert "tests/cases/double; `autograder cases` fixes it" in problems()["tiny: cases are fresh"]


def test_points_that_disagree_are_shown(root: Path, problems: Course) -> None:
    replace(root / "assignments.toml", "1a = 3", "1a = 2")
    assert "`points` of the checks of 1a add up to 3 points" in problems()["tiny: points agree"]


def test_a_complete_assignment_gives_every_notebook_its_points(root: Path, problems: Course) -> None:
    replace(root / "assignments.toml", "points = 3\n", "points = 5\n")
    replace(root / "assignments.toml", '"tiny.ipynb" = 3', '"tiny.ipynb" = 5')
    assert "tiny: points agree" not in problems()  # incomplete: 3 of 5 so far
    replace(root / "assignments.toml", "1a = 3", "1a = 5")
    assert "1a add up to 3 points" in problems()["tiny: points agree"]
    replace(root / "tests/test_double.py", "points=3", "points=5")
    replace(root / "assignments.toml", '"tiny.ipynb" = 5', '"tiny.ipynb" = 4, "other.ipynb" = 1')
    replace(root / "assignments.toml", '["double"]', '["double"], "other.ipynb" = []')
    replace(root / "assignments.toml", '["tiny.ipynb"]', '["tiny.ipynb", "other.ipynb"]')
    problem = problems()["tiny: points agree"]
    assert "tiny.ipynb add up to 5 points, `notebook_points` of [tiny] in assignments.toml gives 4 points" in problem


def test_no_notebook_gives_more_than_it_is_worth(root: Path, problems: Course) -> None:
    replace(root / "tests/test_double.py", "points=3", "points=4")
    assert "1a add up to 4 points, [tiny] in assignments.toml gives it 3 points" in problems()["tiny: points agree"]


def test_too_few_mutants_or_variants_are_counted(root: Path, problems: Course) -> None:
    (root / "staff/mutants/double/wrong4.py").unlink()
    shutil.rmtree(root / "staff/variants")
    assert "1a has 5 mutants and 0 variants" in problems()["tiny.ipynb: enough mutants and variants"]


KNOWN = "1a: every mistake stands in a table, a case and a mutant"


def test_a_mistake_without_a_mutant_is_a_problem(root: Path, problems: Course) -> None:
    (root / "staff/mutants/double/tripled.py").unlink()
    problem = problems()[KNOWN]
    assert "test_double of tests/test_double.py knows 'tripled'; write a mutant to staff/mutants/double/" in problem
    assert "`# question: 1a`" in problem


def test_a_mistake_without_a_case_is_a_problem(root: Path, problems: Course) -> None:
    mutant = "# question: 1a\n# diagnosis: negated\ndef double(x):\n    return -2 * x\n"
    (root / "staff/mutants/double/negated.py").write_text(mutant)
    replace(root / "tests/test_double.py", "earns=1)", 'earns=1), "negated": Mistake("negated")')
    problem = problems()[KNOWN]
    assert "knows 'negated'; write it to the `mistakes` of the recipe 'double' of staff/cases/double.py" in problem
    replace(root / "tests/test_double.py", 'Mistake("negated")', 'Mistake("negated", in_cases=False)')
    assert KNOWN not in problems()  # the check sees it in another way, which its mutant has to prove


def test_a_mistake_without_a_table_is_a_problem(root: Path, problems: Course) -> None:
    replace(root / "staff/cases/double.py", '"tripled"', '"tripled | by rows": {"y": 3 * x}, "tripled + negated"')
    problem = problems()[KNOWN]
    assert "recipe 'double' of staff/cases/double.py gives 'negated'; write it to a table that test_double" in problem
    assert "tripled" not in problem


def test_a_table_that_the_check_does_not_mention_is_none(root: Path, problems: Course) -> None:
    replace(root / "tests/test_double.py", "mistakes=MISTAKES", "mistakes=dict(tripled=Mistake('', earns=1))")
    assert "gives 'tripled'; write it to a table that test_double of tests/test_double.py mentions" in problems()[KNOWN]


def test_an_answer_without_a_question_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answer.py"
    path.write_text("x = 1\n")
    with pytest.raises(AnswerError, match="question: LABEL"):
        read_answer(path)


def test_an_answer_may_stand_in_a_region(root: Path, problems: Course) -> None:
    path = root / "staff/mutants/double/wrong4.py"
    path.write_text("# question: 1a\n# diagnosis: wrong values\n# region: double\ny = 5 * x\n")
    assert "mutant staff/mutants/double/wrong4.py" not in problems()
    path.write_text("# question: 1a\n# diagnosis: wrong values\n# region: triple\ny = 5 * x\n")
    assert "no solution region triple, but double" in problems()["mutant staff/mutants/double/wrong4.py"]
    variant = next((root / "staff/variants/double").iterdir())
    variant.write_text("# question: 1a\n# region: triple\ny = x + x\n")
    assert "no solution region triple" in problems()[f"variant staff/variants/double/{variant.name}"]


def test_an_answer_may_say_something_else_of_each_question(tmp_path: Path) -> None:
    path = tmp_path / "answer.py"
    header = "# question: 1a, 1b\n# diagnosis: lost\n# question: 1c\n# diagnosis: found\n# earns: 2.5\n"
    path.write_text(header + "x = 1\n")
    lost = Expected("lost", 0.0)
    assert read_answer(path).questions == {"1a": lost, "1b": lost, "1c": Expected("found", 2.5)}


# --- what is proven ---


def names(results: list[ProofResult]) -> list[str]:
    return [one.name for one in results if not one.remembered]


def test_what_is_unchanged_is_not_proven_again(root: Path, sandbox: Sandbox) -> None:
    first = prove(root, sandbox)
    plain = [
        name for name in names(first) if "mutant " not in name and "variant " not in name and " earns " not in name
    ]
    assert names(prove(root, sandbox)) == plain
    replace(root / "staff/mutants/double/wrong1.py", "-x", "-1 * x")
    assert names(prove(root, sandbox)) == [*plain[:5], "mutant staff/mutants/double/wrong1.py", *plain[5:]]
    assert names(prove(root, sandbox, trust=False)) == names(first)
    replace(root / "tests/test_double.py", "    expect.matches", "    student\n    expect.matches")
    assert names(prove(root, sandbox)) == names(first)


def test_a_proof_that_failed_is_made_again(root: Path, sandbox: Sandbox) -> None:
    replace(root / "staff/mutants/double/wrong1.py", "wrong values", "negated")
    for _ in range(2):
        (failed,) = [one for one in prove(root, sandbox) if one.problem]
        assert failed.name == "mutant staff/mutants/double/wrong1.py" and not failed.remembered


def test_each_seed_is_a_proof_of_its_own(root: Path, sandbox: Sandbox) -> None:
    prove(root, sandbox)
    again = names(prove(root, sandbox, seeds=2))
    assert "mutant staff/mutants/double/wrong1.py (seed 2)" in again
    assert "mutant staff/mutants/double/wrong1.py" not in again


def test_only_the_first_seed_shows_what_a_mutant_costs_other_questions(root: Path, sandbox: Sandbox) -> None:
    other = """
@question("1b", points=1, cases="double")
def test_sum(student, case):
    expect.that(student.double(*case.inputs).sum() == 2 * case.inputs[0].sum(), "no", diagnosis="no")
"""
    check = root / "tests/test_double.py"
    check.write_text(CHECK.replace("points=3", "points=2") + other)
    replace(root / "assignments.toml", "{ 1a = 3 }", "{ 1a = 2, 1b = 1 }")
    tripled = {one.name: one.problem for one in prove(root, sandbox, Choice(name="tripled"), seeds=2)}
    assert "costs another question: 1b" in tripled.pop("mutant staff/mutants/double/tripled.py")
    assert tripled == {"mutant staff/mutants/double/tripled.py (seed 2)": ""}


def test_a_choice_proves_a_part(root: Path, sandbox: Sandbox) -> None:
    answers = {path.stem for kind in ("mutants", "variants") for path in (root / "staff" / kind / "double").iterdir()}
    chosen = [one.name for one in prove(root, sandbox, Choice(question="1a"))]
    assert {name.split("/")[-1].removesuffix(".py") for name in chosen if "double/" in name} == answers
    assert not [name for name in chosen if name.startswith("tiny:")]
    assert chosen == [one.name for one in prove(root, sandbox, Choice(topic="double")) if "enough" not in one.name]
    assert [one.name for one in prove(root, sandbox, Choice(name="wrong1"))] == [
        "mutant staff/mutants/double/wrong1.py"
    ]
    quick = [one.name for one in prove(root, sandbox, Choice(quick=True))]
    assert [name for name in quick if "double/" in name] == ["mutant staff/mutants/double/tripled.py"]


def test_a_choice_of_what_is_not_there_names_what_is(root: Path) -> None:
    assignments = [load(root)["tiny"]]
    with pytest.raises(ChoiceError, match="there is no topic 'triple', but double"):
        Choice(topic="triple").check(assignments)
    with pytest.raises(ChoiceError, match="there is no question '1b', but 1a"):
        Choice(question="1b").check(assignments)


def test_the_command_chooses_stops_and_remembers(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)

    def said(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["verify", *words])
        return done.exit_code, " ".join(done.output.split())

    assert said("--question", "1a", "--jobs", "2")[1].endswith("11 of 11 proofs hold")
    code, text = said("--question", "1a")
    assert code == 0 and text.endswith("11 of 11 proofs hold, 10 of them unchanged since they were proven")
    assert (root / ".autograder" / ".gitignore").read_text() == "*\n"
    assert said("--question", "1b")[0] == 2
    code, text = said("--question", "1a", "-k", "nothing")
    assert (code, text) == (2, "autograder: no proof is meant by --question 1a -k nothing")
    for number in (1, 2):
        replace(root / f"staff/mutants/double/wrong{number}.py", "wrong values", "negated")
    code, text = said("--question", "1a", "-x")
    assert code == 1 and text.count("FAIL mutant") == 1


def test_a_topic_without_the_question_names_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project_root(Path(__file__).parent))
    done = CliRunner().invoke(app, ["verify", "--topic", "gru", "--question", "3b"])
    assert done.exit_code == 2
    assert " ".join(done.output.split()) == "autograder: no proof is meant by --topic gru --question 3b"


def test_a_wrong_header_is_one_line(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    (root / "staff/mutants/double/wrong1.py").write_text("x = 1\n")
    done = CliRunner().invoke(app, ["verify", "-k", "wrong1"])
    assert done.exit_code == 2
    assert "wrong1.py: the header needs a line such as `# question: LABEL`" in " ".join(done.output.split())


def test_a_damaged_memory_of_proofs_begins_anew(root: Path, sandbox: Sandbox) -> None:
    choice = Choice(name="wrong1")
    prove(root, sandbox, choice)
    (root / ".autograder" / "proofs.sqlite").write_bytes(b"no database, though long enough to look like one" * 40)
    assert len(names(prove(root, sandbox, choice))) == 1
    assert names(prove(root, sandbox, choice)) == []


# --- cases that another processor makes a little different ---


@pytest.mark.parametrize(("factor", "stays"), [(1 + 1e-9, True), (1 + 1e-5, False)])
def test_a_case_that_no_check_could_tell_apart_is_left_alone(root: Path, factor: float, stays: bool) -> None:
    (path,) = (root / "tests" / "cases" / "double").iterdir()
    case = Case.load(path)
    changed_outputs = {name: value * factor for name, value in case.outputs.items()}
    dataclasses.replace(case, outputs=changed_outputs).save(path)
    nudged = path.read_bytes()
    written = write_cases(root, load(root)["tiny"])
    assert (written, path.read_bytes() == nudged) == (([], True) if stays else ([path], False))


def test_a_case_that_no_recipe_makes_is_deleted(root: Path) -> None:
    (path,) = (root / "tests" / "cases" / "double").iterdir()
    stray = path.with_name("stray.safetensors")
    stray.write_bytes(path.read_bytes())
    assert write_cases(root, load(root)["tiny"]) == [] and not stray.exists()
