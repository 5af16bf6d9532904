"""The check of assignment 2-2-2: the saved ViT and Swin, measured on the test pictures of CIFAR-10."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from cifar10_changes import changed, pictures_to_change
from cifar10_models import BUILD

from autograder.checks import Checkpoint, Student, TestSet, expect, question, say

BATCH = 500
LARGEST_IMAGE = 512
INTERPOLATIONS = ("nearest", "bilinear", "bicubic")
CHANNELS, CLASSES = 3, 10

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


@question(
    "2-2-2", points=20, imports=["transformers.models.swin.modeling_swin", "transformers.models.vit.modeling_vit"]
)
def test_cifar10(student: Student, checkpoint: Checkpoint, data: TestSet) -> torch.Tensor:
    """Which test pictures the saved model classifies rightly, True or False (pictures,)."""
    config = _config(checkpoint)
    settings = _settings(checkpoint, config)
    student.given(build=BUILD, classes=BUILD)
    kind = str(config["model_type"])
    file = f"{checkpoint.name}/model.safetensors"
    model, problem = student.build(kind, json.dumps(config), checkpoint.tensors(file))
    if problem:
        raise checkpoint.wrong(file, "does not fit the config", problem, expect.to_look_at("config.json beside it"))
    images, labels = data.examples

    def right(images: Images, labels: Labels) -> torch.Tensor:
        return _classes(student, model, images, settings) == torch.from_numpy(labels)

    answers, rows = right(images, labels), pictures_to_change(len(images))
    checkpoint.try_changed(answers[torch.from_numpy(rows)], lambda: right(changed(images[rows]), labels[rows]))
    return answers


def _classes(student: Student, model: object, images: Images, settings: list[Any]) -> torch.Tensor:
    """The classes that a model gives to images, Long (images,)."""
    batches = torch.from_numpy(images).split(BATCH)
    found = [student.infer("classes", model, batch.permute(0, 3, 1, 2).contiguous(), *settings) for batch in batches]
    for classes, batch in zip(found, batches, strict=True):
        expect.shape(say("the classes of a batch"), classes, (len(batch),))
    return torch.cat(found)


def _config(checkpoint: Checkpoint) -> dict[str, Any]:
    file = f"{checkpoint.name}/config.json"
    config = checkpoint.json(file)
    if not isinstance(config, dict) or config.get("model_type") not in ("vit", "swin"):
        got = config.get("model_type") if isinstance(config, dict) else type(config).__name__
        raise checkpoint.wrong(
            file, "is no ViT and no Swin", "expected: model_type vit or swin", say("got: {what}", what=repr(got)[:95])
        )
    labels = config.get("id2label")
    classes = len(labels) if isinstance(labels, dict) else 0
    if classes != CLASSES:
        raise checkpoint.wrong(
            file,
            "is for another number of classes",
            say("expected: {count} labels", count=CLASSES),
            say("got: {what}", what=classes),
        )
    checkpoint.settings = config
    return config


def _settings(checkpoint: Checkpoint, config: dict[str, Any]) -> list[Any]:
    """The values of preprocess.json, checked, in the order in which `classes` takes them."""
    file = f"{checkpoint.name}/preprocess.json"
    found = checkpoint.json(file)
    right: dict[str, Callable[[Any], bool]] = {
        "image_size": lambda size: type(size) is int and 0 < size <= LARGEST_IMAGE and size == config.get("image_size"),
        "mean": lambda mean: _are_numbers(mean),
        "std": lambda std: _are_numbers(std) and all(value > 0 for value in std),
        "interpolation": lambda way: way in INTERPOLATIONS,
    }
    expected = {
        "image_size": say(
            "the image_size of config.json, {size}, at most {most}",
            size=str(config.get("image_size")),
            most=LARGEST_IMAGE,
        ),
        "mean": say("{count} numbers", count=CHANNELS),
        "std": say("{count} numbers above 0", count=CHANNELS),
        "interpolation": " or ".join(INTERPOLATIONS),
    }
    for name, is_right in right.items():
        value = found.get(name) if isinstance(found, dict) else None
        if not is_right(value):
            raise checkpoint.wrong(
                file,
                say("has a wrong {name}", name=name),
                say("expected: {what}", what=expected[name]),
                say("got: {what}", what=repr(value)[:95]),
            )
    return [found[name] for name in right]


def _are_numbers(values: object) -> bool:
    return isinstance(values, list) and len(values) == CHANNELS and all(type(one) in (int, float) for one in values)
