"""Trains the small models of the sample class on the data samples: python staff/models/train.py

They are made with the pieces of the solution notebooks, and lie beside this file: `imdb/` and `cifar10/` as a student's
folders of checkpoints, and in `weaker/` models that were trained less.
"""

import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import Tensor  # noqa: E402

import data  # noqa: E402
from autograder.authoring.build import read_sources, solution_notebook  # noqa: E402

# name: embed_dim, hidden_dim, num_layers, is_bidirectional, dropout, epochs
GRUS = {
    "gru": (16, 12, 2, True, 0.1, 12),
    "gru-one-layer": (16, 12, 1, True, 0.1, 10),
    "gru-one-direction": (12, 16, 2, False, 0.1, 10),
    "gru-narrow": (8, 6, 1, True, 0.0, 12),
    "gru-wide": (24, 20, 1, True, 0.2, 9),
}
WEAKER_GRUS = {
    "gru-early": (16, 12, 2, True, 0.1, 2),
    "gru-short": (8, 6, 1, False, 0.0, 2),
    "gru-small": (6, 4, 1, True, 0.0, 4),
    "gru-stopped": (4, 4, 1, False, 0.0, 1),
}


def cells_before(topic: str, marker: str) -> dict[str, Any]:
    """The names that the solution notebook of a topic binds before the cell that holds `marker`."""
    namespace: dict[str, Any] = {"__name__": topic}
    for cell in solution_notebook(read_sources(ROOT, [topic])).cells:
        if marker in cell.source:
            return namespace
        if cell.cell_type == "code":
            exec(compile(cell.source, topic, "exec"), namespace)
    raise ValueError(f"no cell of {topic} holds {marker!r}")


def train(model: torch.nn.Module, batches: Iterable[Any], loss_of: Callable[..., Tensor], epochs: int) -> None:
    """Trains a model with Adam; `loss_of` gets what `batches` yields, in each epoch anew."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2 if epochs < 20 else 3e-3)
    model.train()
    for _ in range(epochs):
        for batch in batches:
            optimizer.zero_grad()
            loss_of(*batch).backward()
            optimizer.step()


def train_grus(made: dict[str, Any], configs: dict[str, tuple[Any, ...]], folder: Path) -> None:
    """Trains and saves the sentiment models of `configs` in a folder."""
    made["CHECKPOINTS"] = folder
    for name, (embed, hidden, layers, both_ways, dropout, epochs) in configs.items():
        config = made["ExperimentConfig"](
            name, 1, 32, embed, hidden, layers, both_ways, dropout, {"lr": 1e-2}, epochs, output_dim=1
        )
        random.seed(1)
        torch.manual_seed(1)
        model = made["SentimentGRU"](len(made["vocab"]), embed, hidden, layers, both_ways, dropout, 1)
        loader = made["Loader"](made["train_rows"], 32, shuffle=True)

        def loss_of(text: Tensor, lengths: Tensor, labels: Tensor, model: Any = model) -> Tensor:
            return F.binary_cross_entropy_with_logits(model(text, lengths).squeeze(1), labels)

        train(model, loader, loss_of, epochs)
        made["save"](model, config, torch.optim.Adam)


def train_classifiers(made: dict[str, Any], folder: Path, epochs: dict[str, int]) -> None:
    """Trains and saves a small ViT and a small Swin in a folder."""
    configs = {
        "vit": made["ViTConfig"](
            image_size=32, patch_size=8, num_labels=10, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
            intermediate_size=48, hidden_dropout_prob=0.0,
        ),
        "swin": made["SwinConfig"](
            image_size=32, patch_size=4, num_labels=10, embed_dim=16, depths=[1, 1], num_heads=[2, 4], window_size=4,
            mlp_ratio=2.0, drop_path_rate=0.0,
        ),
    }  # fmt: skip
    kinds = {"vit": made["ViTForImageClassification"], "swin": made["SwinForImageClassification"]}
    made["CHECKPOINTS"] = folder
    for name, count in epochs.items():
        torch.manual_seed(1)
        model = kinds[name](configs[name])

        def loss_of(images: Tensor, labels: Tensor, model: Any = model) -> Tensor:
            return F.cross_entropy(model(pixel_values=made["preprocess"](images, made["PREPROCESS"])).logits, labels)

        train(model, made["train_loader"], loss_of, count)
        made["save"](model, made["PREPROCESS"], name)


def main() -> None:
    """Trains everything and prints what each model reaches on the test samples."""
    data.use_directory(data.SAMPLES)
    torch.set_num_threads(1)  # the same sums in the same order on every machine of a kind
    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(temporary)
        reviews = cells_before("imdb", "configs = [")
        pictures = cells_before("cifar10", "def augment")
        pictures["train_loader"] = torch.utils.data.DataLoader(pictures["train_set"], batch_size=32, shuffle=True)
        vocabulary = Path("model_checkpoints/assignment2-1-2/vocab.json").read_bytes()
        for folder, configs in ((HERE / "imdb", GRUS), (HERE / "weaker" / "imdb", WEAKER_GRUS)):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "vocab.json").write_bytes(vocabulary)
            train_grus(reviews, configs, folder)
        train_classifiers(pictures, HERE / "cifar10", {"vit": 60, "swin": 60})
        train_classifiers(pictures, HERE / "weaker" / "cifar10", {"swin": 6, "vit": 4})


if __name__ == "__main__":
    main()
