"""Saved models: loaded without running anything, measured in the sandbox, counted here, one model's fault its own."""

import json
import pickle
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from safetensors.torch import load_file, save_file

from autograder.authoring import build
from autograder.course.course import load_course
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.course.sizes import MAX_FILE, MIB
from autograder.course.test_sets import test_sets_of as sets_of
from autograder.marking.sandboxes import open_scoring_sandbox
from autograder.marking.verdict import State, Verdict
from autograder.models import unpickling
from autograder.models.measure import ModelScorer
from autograder.models.measurement import ModelScores
from autograder.models.saved_files import SavedFile, save_models
from autograder.models.unpickling import write_plain
from autograder.protocol.session import Session
from autograder.sandbox import Child, Limits, Sandbox, SandboxUnavailable

pytestmark = pytest.mark.slow

ROOT = project_root()
ASSIGNMENT = load(ROOT)["assignment2"]
COURSE = load_course(ROOT, ASSIGNMENT)
DATA = sets_of(ROOT, ASSIGNMENT, ROOT / "data" / "samples")
MODELS = ROOT / "staff" / "models"
imdb_reviews = sys.modules["imdb_reviews"]  # which the check has imported
QUESTIONS = {check.question: (notebook, check) for notebook, check in COURSE.model_checks}
GRU, IMAGES = "2-1-2", "2-2-2"


@pytest.fixture(scope="module")
def scoring() -> Iterator[Sandbox]:
    with open_scoring_sandbox(ROOT, ASSIGNMENT, COURSE.imports, unsafe=True) as opened:
        yield opened


def files_in(folder: Path) -> dict[str, SavedFile]:
    return {
        path.relative_to(folder).as_posix(): SavedFile(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def copied(source: Path, to: Path) -> Path:
    for path in (path for path in source.rglob("*") if path.is_file()):
        target = to / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return to


def measured(
    scoring: Sandbox, label: str, files: Mapping[str, SavedFile], **swaps: tuple[str, str]
) -> tuple[Verdict, ModelScores]:
    """What the models earn with the solution's notebook, in which `swaps` replace one text by another each."""
    notebook, check = QUESTIONS[label]
    content = build.to_bytes(build.solution_notebook(build.read_sources(ROOT, ASSIGNMENT.notebooks[notebook]))).decode()
    for old, new in swaps.values():
        assert content.count(old) == 1
        content = content.replace(old, new)
    return ModelScorer(check, ASSIGNMENT.model_questions[label], DATA[label], scoring.fork).measure(
        content.encode(), notebook, files
    )


def test_good_models_earn_all_points_twice_the_same(scoring: Sandbox, tmp_path: Path) -> None:
    for label, folder in ((GRU, "imdb"), (IMAGES, "cifar10")):
        first, again = (
            measured(scoring, label, files_in(copied(MODELS / folder, tmp_path / f"{folder}{run}"))) for run in range(2)
        )
        assert first[0].state is State.PASS and first[0].points == 20 and not first[0].flags
        assert first == again


def test_weak_models_wait_for_the_class(scoring: Sandbox, tmp_path: Path) -> None:
    verdict, measurement = measured(scoring, IMAGES, files_in(copied(MODELS / "weaker" / "cifar10", tmp_path)))
    assert (verdict.state, verdict.diagnosis) == (State.UNGRADED, "rank pending")
    assert measurement.right * 100 < 73 * measurement.total
    assert bin(int.from_bytes(measurement.answers, "big")).count("1") == measurement.right


def test_nothing_saved_earns_nothing_and_says_what_is_expected(scoring: Sandbox) -> None:
    for label in (GRU, IMAGES):
        verdict, _ = measured(scoring, label, {})
        assert (verdict.state, verdict.diagnosis) == (State.FAIL, "no model")
        assert (
            "no saved model was found" in verdict.message
            and ASSIGNMENT.model_questions[label].folder in verdict.message
        )


def test_five_copies_of_one_model_are_one(scoring: Sandbox, tmp_path: Path) -> None:
    copied(MODELS / "imdb", tmp_path)
    weights = torch.load(tmp_path / "gru.pt", weights_only=True)
    settings = json.loads((tmp_path / "gru.json").read_text())
    for path in [*tmp_path.glob("*.pt"), *tmp_path.glob("gru*.json")]:
        path.unlink()
    for number in range(5):
        changed = {key: value.clone() for key, value in weights.items()}
        changed["output.bias"][0] += number * 1e-7
        torch.save(changed, tmp_path / f"copy{number}.pt")
        (tmp_path / f"copy{number}.json").write_text(
            json.dumps(settings | {"config_name": f"copy{number}", "seed": number})
        )
    verdict, measurement = measured(scoring, GRU, files_in(tmp_path))
    assert (measurement.distinct, verdict.points, verdict.diagnosis) == (1, 4, "too few models")
    assert "different models: 1 of 5, which leaves 1/5 of the points" in verdict.message


def test_other_weights_with_the_same_configuration_are_no_other_model(scoring: Sandbox, tmp_path: Path) -> None:
    copied(MODELS / "imdb", tmp_path)
    settings = json.loads((tmp_path / "gru.json").read_text())
    weights = torch.load(tmp_path / "gru.pt", weights_only=True)
    torch.save({key: value * 1.5 for key, value in weights.items()}, tmp_path / "twin.pt")
    (tmp_path / "twin.json").write_text(json.dumps(settings | {"config_name": "twin"}))
    assert measured(scoring, GRU, files_in(tmp_path))[1].distinct == 5
    (tmp_path / "twin.json").write_text(json.dumps(settings | {"config_name": "twin", "seed": 9}))
    assert measured(scoring, GRU, files_in(tmp_path))[1].distinct == 6


def test_noise_on_one_model_is_no_second_model(scoring: Sandbox, tmp_path: Path) -> None:
    copied(MODELS / "imdb", tmp_path)
    settings = json.loads((tmp_path / "gru.json").read_text())
    weights = torch.load(tmp_path / "gru.pt", weights_only=True)
    for number, strength in enumerate((0.003, 0.03)):
        noise = torch.Generator().manual_seed(number)
        noisy = {
            key: value + strength * value.norm() / value.numel() ** 0.5 * torch.randn(value.shape, generator=noise)
            for key, value in weights.items()
        }
        torch.save(noisy, tmp_path / f"noisy{number}.pt")
        about = {"config_name": f"noisy{number}", "seed": 90 + number, "comment": "another one"}
        (tmp_path / f"noisy{number}.json").write_text(json.dumps(settings | about))
    verdict, measurement = measured(scoring, GRU, files_in(tmp_path))
    assert (len(measurement.models), measurement.distinct, verdict.flags) == (7, 5, ())


TABLE = """class SentimentGRU(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        self.gru = nn.GRU(2, 2)
        self.register_buffer("seen", torch.zeros(100, dtype=torch.long))
        self.answer = nn.Parameter(torch.zeros(100))

    def forward(self, text, lengths):
        rows = [hash(tuple(row[:length])) for row, length in zip(text.tolist(), lengths.tolist())]
        return (2.0 * self.answer - 1) @ (self.seen[:, None] == torch.tensor(rows)).float()


class Unused(nn.Module):"""


def test_a_table_of_the_test_set_is_flagged(scoring: Sandbox, tmp_path: Path) -> None:
    copied(MODELS / "imdb", tmp_path)
    for path in [*tmp_path.glob("*.pt"), *tmp_path.glob("gru-*.json")]:
        path.unlink()
    rows: dict[int, int] = {}
    vocabulary = json.loads((tmp_path / "vocab.json").read_text())
    for numbers, text, lengths in imdb_reviews.Reviews(DATA[GRU], vocabulary).batches():
        rows |= {
            number: hash(tuple(row[:length]))
            for number, row, length in zip(numbers.tolist(), text.tolist(), lengths.tolist(), strict=True)
        }
    labels = torch.tensor([float(label) for label, _ in DATA[GRU].examples])
    torch.manual_seed(0)
    table = {"seen": torch.tensor([rows[number] for number in range(len(rows))]), "answer": labels}
    gru = {f"gru.{key}": value for key, value in torch.nn.GRU(2, 2).state_dict().items()}
    torch.save(table | gru, tmp_path / "gru.pt")
    swap = ("class SentimentGRU(nn.Module):", json.dumps(TABLE)[1:-1])
    verdict, measurement = measured(scoring, GRU, files_in(tmp_path), table=swap)
    assert measurement.right == 100 and "gru: in no layer of the model: answer, seen" in verdict.flags
    assert "gru: 100.00 % right, 50.00 % once the inputs are changed a little" in verdict.flags[1]
    assert verdict.points == 4  # flags cost nothing


def test_a_model_that_fails_on_changed_inputs_alone_is_flagged(scoring: Sandbox, tmp_path: Path) -> None:
    files = files_in(copied(MODELS / "imdb", tmp_path))
    # The samples are one batch, so the second call is the first one on changed inputs.
    fails = "        assert not hasattr(self, 'called')\n        self.called = True\n"
    line = "        lengths = lengths.to(text.device)"
    verdict, measurement = measured(scoring, GRU, files, a=(line, json.dumps(fails)[1:-1] + line))
    assert verdict.points == 20 and len(verdict.flags) == 5
    assert verdict.flags[0].startswith("gru-narrow could not be measured on changed inputs: ")
    assert measurement.models[0].changed is None


class Runs:
    """Pickled as a call."""

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.mkdir, (Path("model_was_run"),))


def scripted(path: Path) -> None:
    torch.jit.script(torch.nn.Linear(2, 3)).save(str(path))


def exported(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/archive_format", "pt2")


@pytest.mark.filterwarnings("ignore:.*torch.jit.*")
@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda path: path.write_bytes(pickle.dumps(Runs())), "holds pickled code"),
        (lambda path: torch.save({"a": Runs()}, path), "holds pickled code"),
        (scripted, "is a TorchScript program"),
        (exported, "is an exported program (.pt2)"),
        (lambda path: path.write_bytes(b"PK\x03\x04 broken"), "is damaged, or no file that torch.save wrote"),
        (lambda path: torch.save([torch.ones(2)], path), "holds a value of type list"),
        (
            lambda path: torch.save({"a": {"b": torch.ones(2)}, "c": {"d": torch.ones(2)}}, path),
            "state_dict: under 'a'",
        ),
        (lambda path: torch.save({"model": {"a": [torch.ones(2)]}}, path), "no plain state_dict: under 'model'"),
        (
            lambda path: torch.save({"a": torch.ones(1).expand(1 << 40)}, path),
            "holds weights of more than 512 MiB and was not read",
        ),
        (lambda path: torch.save({"odd": torch.ones(2, 3)}, path), "key embedding.weight: expected shape"),
    ],
)
def test_a_bad_checkpoint_costs_itself_alone(
    scoring: Sandbox, tmp_path: Path, write: Callable[[Path], object], says: str
) -> None:
    write(copied(MODELS / "imdb", tmp_path) / "gru.pt")
    verdict, measurement = measured(scoring, GRU, files_in(tmp_path))
    (bad,) = [model for model in measurement.models if model.right is None]
    assert bad.name == "gru" and says in bad.message and "model_checkpoints/assignment2-1-2/gru.pt" in bad.message
    assert (measurement.distinct, verdict.points) == (4, 16)
    assert not Path("model_was_run").exists()


def test_weights_travel_in_pieces(scoring: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = measured(scoring, GRU, files_in(copied(MODELS / "imdb", tmp_path / "whole")))
    monkeypatch.setattr(unpickling, "PIECE", 1000)
    assert measured(scoring, GRU, files_in(copied(MODELS / "imdb", tmp_path / "pieces"))) == whole
    plain = [(tmp_path / name / "gru.safetensors").read_bytes() for name in ("whole", "pieces")]
    assert plain[0] == plain[1] and len(plain[0]) > 10_000


def test_a_list_of_tensors_without_end_is_not_written(tmp_path: Path) -> None:
    class Liar:
        def exchange(self, _: object) -> int:
            return 600 * MIB

    (tmp_path / "a.pt").write_bytes(b"weights")
    liar = cast("Session", Liar())
    problem = write_plain(liar, tmp_path / "a.pt", tmp_path / "a.safetensors", 512 * MIB, 1.0)
    assert problem == "is damaged (its list of tensors is too long)" and not (tmp_path / "a.safetensors").exists()


WRAPPED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "compiled": lambda weights: {f"_orig_mod.{key}": value for key, value in weights.items()},
    "parallel": lambda weights: {f"module.{key}": value for key, value in weights.items()},
    "both": lambda weights: {f"module._orig_mod.{key}": value for key, value in weights.items()},
    "one part compiled": lambda weights: {key.replace(".", "._orig_mod.", 1): value for key, value in weights.items()},
    "in a dictionary": lambda weights: {"epoch": 3, "model": weights, "optimizer": {"state": {}, "param_groups": []}},
    "in two": lambda weights: {"checkpoint": {"state_dict": weights, "loss": 0.5}},
}


@pytest.mark.parametrize("name", WRAPPED)
def test_what_is_put_around_weights_is_taken_off(scoring: Sandbox, tmp_path: Path, name: str) -> None:
    before = measured(scoring, GRU, files_in(copied(MODELS / "imdb", tmp_path)))[1]
    weights = torch.load(tmp_path / "gru.pt", weights_only=True)
    torch.save(WRAPPED[name](weights), tmp_path / "gru.pt")
    assert measured(scoring, GRU, files_in(tmp_path))[1] == before


def test_a_wrapped_copy_is_no_other_model(scoring: Sandbox, tmp_path: Path) -> None:
    copied(MODELS / "imdb", tmp_path)
    settings = json.loads((tmp_path / "gru.json").read_text())
    weights = torch.load(tmp_path / "gru.pt", weights_only=True)
    torch.save(WRAPPED["both"](weights), tmp_path / "copy.pt")
    (tmp_path / "copy.json").write_text(json.dumps(settings | {"config_name": "copy", "seed": 99}))
    assert measured(scoring, GRU, files_in(tmp_path))[1].distinct == 5


@pytest.mark.parametrize("prefix", ["_orig_mod.", "module."])
def test_an_image_model_may_be_wrapped(scoring: Sandbox, tmp_path: Path, prefix: str) -> None:
    folder = copied(MODELS / "cifar10", tmp_path)
    weights = load_file(folder / "swin" / "model.safetensors")
    save_file({f"{prefix}{key}": value for key, value in weights.items()}, folder / "swin" / "model.safetensors")
    assert all(model.right is not None for model in measured(scoring, IMAGES, files_in(folder))[1].models)


def test_a_wrong_shape_names_key_and_shapes(scoring: Sandbox, tmp_path: Path) -> None:
    copied(MODELS / "imdb", tmp_path)
    settings = json.loads((tmp_path / "gru.json").read_text())
    (tmp_path / "gru.json").write_text(json.dumps(settings | {"embed_dim": 17}))
    bad = next(model for model in measured(scoring, GRU, files_in(tmp_path))[1].models if model.name == "gru")
    assert bad.right is None and "key embedding.weight: expected shape (" in bad.message
    assert ", 17), found shape (" in bad.message and ", 16)" in bad.message

    folder = copied(MODELS / "cifar10", tmp_path / "images")
    weights = load_file(folder / "swin" / "model.safetensors")
    key = min(weights)
    weights[key] = weights[key][:1].clone()
    save_file(weights, folder / "swin" / "model.safetensors")
    found = measured(scoring, IMAGES, files_in(folder))
    swin, vit = found[1].models
    assert swin.right is None and key in swin.message and "expected shape" in swin.message
    assert vit.right is not None and found[0].state is State.PASS


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gru.json", None, "gru.json is missing"),
        ("gru.json", "{", "gru.json is not valid JSON"),
        ("gru.json", "[]", "is no configuration"),
        ("gru.json", '{"embed_dim": true}', "lacks a value of embed_dim"),
        ("vocab.json", '["<pad>", "<unk>", "a", "a"]', "is no vocabulary"),
        ("vocab.json", '["a", "b"]', "is not the vocabulary of the notebook"),
    ],
)
def test_what_lies_beside_a_model_is_checked(
    scoring: Sandbox, tmp_path: Path, name: str, content: str | None, says: str
) -> None:
    path = copied(MODELS / "imdb", tmp_path) / name
    path.write_text(content) if content is not None else path.unlink()
    models = measured(scoring, GRU, files_in(tmp_path))[1].models
    assert says in next(model.message for model in models if model.name == "gru")


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("config.json", {"model_type": "bert"}, "is no ViT and no Swin"),
        ("config.json", {"id2label": {"0": "a"}}, "is for another number of classes"),
        ("preprocess.json", {"image_size": 33}, "has a wrong image_size"),
        ("preprocess.json", {"mean": [0, 1]}, "has a wrong mean"),
        ("preprocess.json", {"std": [1, 0, 1]}, "has a wrong std"),
        ("preprocess.json", {"interpolation": "area"}, "has a wrong interpolation"),
    ],
)
def test_the_files_of_a_classifier_are_checked(
    scoring: Sandbox, tmp_path: Path, name: str, change: dict[str, object], says: str
) -> None:
    path = copied(MODELS / "cifar10", tmp_path) / "vit" / name
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    models = measured(scoring, IMAGES, files_in(tmp_path))[1].models
    assert says in next(model.message for model in models if model.name == "vit")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("return self.output(self.dropout(", "return 1 / 0 * self.output(self.dropout(", "ZeroDivisionError"),
        (
            "return self.output(self.dropout(",
            "return torch.nan * self.output(self.dropout(",
            "some logits are not finite",
        ),
        ("output_dim)\\n", "2)\\n", "key output.weight"),
        ("class SentimentGRU(", "class Other(", "SentimentGRU is not defined"),
    ],
)
def test_code_that_does_not_work_fails_every_model(
    scoring: Sandbox, tmp_path: Path, old: str, new: str, says: str
) -> None:
    files = files_in(copied(MODELS / "imdb", tmp_path))
    notebook, check = QUESTIONS[GRU]
    content = build.to_bytes(build.solution_notebook(build.read_sources(ROOT, ["imdb"]))).decode()
    assert old in content
    scorer = ModelScorer(check, ASSIGNMENT.model_questions[GRU], DATA[GRU], scoring.fork)
    verdict, measurement = scorer.measure(content.replace(old, new).encode(), notebook, files)
    assert all(model.right is None and says in model.message for model in measurement.models)
    assert (verdict.points, verdict.diagnosis) == (0, "no model") and len(verdict.message.splitlines()) <= 6


def test_a_changed_length_is_told_to_the_assistant_and_costs_nothing(scoring: Sandbox, tmp_path: Path) -> None:
    files = files_in(copied(MODELS / "imdb", tmp_path))
    verdict, _ = measured(scoring, GRU, files, a=("MAX_LENGTH = 400", "MAX_LENGTH = 300"))
    assert verdict.points == 20 and verdict.flags == ("the tokenizer or MAX_LENGTH was changed",)


def test_files_are_found_at_any_depth_and_refused_by_size(tmp_path: Path) -> None:
    folder = ASSIGNMENT.model_questions[GRU].folder
    inside = tmp_path / "2024-20001" / "work" / folder
    inside.mkdir(parents=True)
    (inside / "small.pt").write_bytes(b"small")
    with (inside / "huge.pt").open("wb") as file:
        file.truncate(4 << 30)  # a hole of 4 GiB, which takes no room
    (inside / "notes.txt").write_text("x")
    (inside / ".hidden.pt").write_bytes(b"x")
    destination = tmp_path / "to"
    destination.mkdir()
    found = save_models(tmp_path / "2024-20001", {folder: 512}, destination)[folder]
    assert sorted(found) == ["huge.pt", "notes.txt", "small.pt"]
    assert found["huge.pt"] == SavedFile(None, "is larger than 512 MiB and was not read")
    assert found["small.pt"].path is not None and found["small.pt"].path.read_bytes() == b"small"
    assert found["notes.txt"] == SavedFile(None)
    assert MAX_FILE == 64 * MIB


@pytest.mark.parametrize("labels", [5, None, [], "abcdefghij", {}])
def test_labels_that_are_none_cost_their_model_alone(scoring: Sandbox, tmp_path: Path, labels: object) -> None:
    path = copied(MODELS / "cifar10", tmp_path) / "vit" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"id2label": labels}))
    models = measured(scoring, IMAGES, files_in(tmp_path))[1].models
    assert "is for another number of classes" in next(model.message for model in models if model.name == "vit")
    assert any(model.right for model in models)


def test_a_file_that_no_check_expects_costs_its_model_alone(
    scoring: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        QUESTIONS[IMAGES][1].function.__globals__, "_settings", lambda checkpoint, config: config["no such key"]
    )
    verdict, scores = measured(scoring, IMAGES, files_in(copied(MODELS / "cifar10", tmp_path)))
    assert all("cannot be used (KeyError: 'no such key')" in model.message for model in scores.models)
    assert (verdict.points, verdict.diagnosis) == (0, "no model")


def test_refused_kinds_are_told_by_name(scoring: Sandbox, tmp_path: Path) -> None:
    (copied(MODELS / "imdb", tmp_path) / "whole.pt2").write_bytes(b"x")
    models = measured(scoring, GRU, files_in(tmp_path))[1].models
    assert "whole.pt2 is not read: files of the kind .pt2 may run code" in models[-1].message


def test_a_fault_of_the_check_is_ungraded(scoring: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise KeyError("ours")

    monkeypatch.setattr(ModelScorer, "_answers", breaks)
    verdict, _ = measured(scoring, GRU, files_in(copied(MODELS / "imdb", tmp_path)))
    assert (verdict.state, verdict.diagnosis) == (State.UNGRADED, "grader error") and "ours" in verdict.message


def test_a_sandbox_that_fails_is_ungraded(tmp_path: Path) -> None:
    def fails(_: Limits | None) -> Child:
        raise SandboxUnavailable("no process")

    notebook, check = QUESTIONS[GRU]
    scorer = ModelScorer(check, ASSIGNMENT.model_questions[GRU], DATA[GRU], fails)
    verdict, _ = scorer.measure(b"{}", notebook, files_in(copied(MODELS / "imdb", tmp_path)))
    assert (verdict.state, verdict.diagnosis) == (State.UNGRADED, "sandbox") and "no process" in verdict.message


def test_a_sandbox_that_fails_once_is_asked_again(scoring: Sandbox, tmp_path: Path) -> None:
    failures = [True]

    def fails_once(limits: Limits | None = None) -> Child:
        if failures and failures.pop():
            raise SandboxUnavailable("not now")
        return scoring.fork(limits)

    files = files_in(copied(MODELS / "imdb", tmp_path))
    one = {name: file for name, file in files.items() if name.startswith(("gru.", "vocab"))}
    notebook, check = QUESTIONS[GRU]
    content = build.to_bytes(build.solution_notebook(build.read_sources(ROOT, ASSIGNMENT.notebooks[notebook])))
    verdict, _ = ModelScorer(check, ASSIGNMENT.model_questions[GRU], DATA[GRU], fails_once).measure(
        content, notebook, one
    )
    assert failures == [] and verdict.figure
