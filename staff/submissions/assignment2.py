"""The sample class of assignment 2."""

from pathlib import Path

import assignment2_answers as answers
import hostile
from colab import DOWNLOAD, FOLDER, GPU, INSTALL, MOUNT
from sample import Sample, Work

RNN, TRANSFORMERS = "Assignment2-1_RNN.ipynb", "Assignment2-2_Transformers.ipynb"
MODELS = Path(__file__).resolve().parent.parent / "models"
RNN_MODELS, IMAGE_MODELS = "model_checkpoints/assignment2-1-2", "model_checkpoints/assignment2-2-2"
TEXT = "# 보고서\n\n은닉층 128, 학습률 1e-3, 배치 64. 검증 정확도 0.87.\n"


def saved(folder: str, place: str, *names: str) -> dict[str, str | bytes]:
    """The files of a folder of models, or those whose names begin with one of `names`, where a student keeps them."""
    files = sorted(path for path in (MODELS / folder).rglob("*") if path.is_file())
    inside = {path.relative_to(MODELS / folder).as_posix(): path.read_bytes() for path in files}
    return {f"{place}/{name}": content for name, content in inside.items() if not names or name.startswith(names)}


def models(*gru: str, folder: str = "imdb", images: str = "cifar10") -> dict[str, str | bytes]:
    """Saved models for both questions, with their reports."""
    reports = {f"{place}/report.md": TEXT for place in (RNN_MODELS, IMAGE_MODELS)}
    return {**reports, **saved(folder, RNN_MODELS, *gru), **saved(images, IMAGE_MODELS)}


REPORT = models()
RIGHT = Work()
BLANK = Work(unwritten=True)


def both(rnn: Work = RIGHT, transformers: Work = RIGHT, place: str = "") -> dict[str, tuple[str, Work]]:
    """Both notebooks under their own names, in the folder `place`."""
    return {f"{place}{RNN}": (RNN, rnn), f"{place}{TRANSFORMERS}": (TRANSFORMERS, transformers)}


def forward(code: str) -> dict[str, tuple[str, Work]]:
    """Both notebooks, all right but for this gru_forward."""
    return both(Work({"gru_forward": code}))


def samples(root: Path) -> list[Sample]:
    """The class: honest students, those who break something, those who cheat, and those whose archive is odd."""
    return [*_honest(), *_broken(), *_cheating(root), *_oddly_packed()]


def _honest() -> list[Sample]:
    other_cells = (MOUNT, FOLDER, INSTALL, DOWNLOAD, GPU)
    timed = {"def gru_forward(": "%%time\ndef gru_forward("}
    return [
        Sample("2024-20001.tar.gz", "everything right, packed by CollectSubmission.sh", both(), files=REPORT),
        Sample(
            "2024-20002.tar.gz",
            "everything right among Colab cells, in a folder, packed by the Finder",
            both(
                Work({"gru_forward": answers.ONE_BY_ONE}, swaps=timed, before=other_cells, after=(answers.TRAINING,)),
                Work({"cal_window_transformer_block": answers.MASKED}, before=other_cells),
                "notebooks/",
            ),
            folder="2024-20002/",
            files=REPORT,
            macos=True,
        ),
        Sample(
            "2024-20003.tar.gz",
            "two gradients wrong, no mask",
            both(
                Work({"gru_backward": answers.TWO_WRONG_GRADIENTS}),
                Work({"cal_window_transformer_block": answers.UNMASKED}),
            ),
            files=REPORT,
        ),
        Sample("2024-20004.tar.gz", "nothing written", both(BLANK, BLANK)),
        Sample(
            "2024-20005.tar.gz",
            "written for a GPU",
            both(
                Work({"gru_forward": answers.ON_CUDA}, before=(MOUNT,)),
                Work({"cal_window_transformer_block": answers.MASKED_ON_CUDA}),
            ),
            files=REPORT,
        ),
        Sample(
            "2024-20006.tar.gz",
            "a future import and a dataclass",
            both(Work({"gru_forward": answers.WITH_DATACLASS}, before=("import torch", answers.FUTURE))),
            files=REPORT,
        ),
    ]


def _broken() -> list[Sample]:
    bracket = {"(hidden - n) * z * (1 - z)\n": "(hidden - n) * z * (1 - z\n"}
    return [
        Sample(
            "2024-20007.tar.gz",
            "ends the process in one question, crashes it in another",
            both(Work({"gru_forward": hostile.CRASHES}), Work({"cal_window_transformer_block": hostile.SEGFAULTS})),
            files=REPORT,
        ),
        Sample(
            "2024-20008.tar.gz",
            "never ends",
            both(Work({"gru_backward": hostile.LOOPS})),
            files=models("vocab", "gru.", "gru-wide", folder="imdb", images="weaker/cifar10"),
        ),
        Sample(
            "2024-20009.tar.gz",
            "prints a quarter of a gigabyte",
            forward(hostile.PRINTS_A_LOT),
            files=models("vocab", "gru-stopped", folder="weaker/imdb", images="weaker/cifar10"),
        ),
        Sample(
            "2024-20010.tar.gz",
            "eats all memory",
            both(transformers=Work({"cal_window_transformer_block": hostile.EATS_MEMORY})),
            files=REPORT,
        ),
        Sample(
            "2024-20011.tar.gz",
            "a bracket is missing in one cell",
            both(Work({"gru_backward": answers.BACKWARD}, swaps=bracket)),
            files=REPORT,
        ),
        Sample(
            "2024-20012.tar.gz",
            "a function renamed",
            both(Work(swaps={"def gru_backward(": "def gru_backword(", "gradients = gru_backward(": "gradients = ("})),
            files=REPORT,
        ),
        Sample(
            "2024-20013.tar.gz",
            "uses autograd",
            both(Work({"gru_backward": answers.BY_AUTOGRAD})),
            files={**models("vocab", "gru-stopped", folder="weaker/imdb"), f"{RNN_MODELS}/whole.pt": hostile.PICKLE},
        ),
        Sample(
            "2024-20014.tar.gz",
            "a notebook cut off while it was saved",
            both(Work(raw=b'{"nbformat": 4, "nbformat_minor": 0, "cells": [{"cell_type": "code", "sou')),
            files=REPORT,
        ),
    ]


def _cheating(root: Path) -> list[Sample]:
    looks_up = hostile.looks_public_cases_up(root)
    walks = hostile.walks_frames(answers.ARGUMENTS, "hidden", "output")
    return [
        Sample("2024-20015.tar.gz", "reads files and the network", forward(hostile.READS_FILES), files=REPORT),
        Sample("2024-20016.tar.gz", "patches comparisons", forward(hostile.PATCHES_COMPARISONS), files=REPORT),
        Sample("2024-20017.tar.gz", "walks frames and objects", forward(walks), files=REPORT),
        Sample("2024-20018.tar.gz", "knows the public cases", forward(looks_up), files=REPORT),
        Sample("2024-20019.tar.gz", "forges replies", forward(hostile.FORGES_REPLIES), files=REPORT),
        Sample("2024-20020.tar.gz", "hides a forbidden layer", forward(hostile.HIDES_GRU_CELL), files=REPORT),
    ]


def _oddly_packed() -> list[Sample]:
    return [
        Sample("2024-20021.tar.gz", "no file in it"),
        Sample("과제2_제출.tar.gz", "the ID on the folder alone", both(), folder="2024-20022/", files=REPORT),
        Sample("assignment2_진짜최종.tar.gz", "no ID anywhere", both(), folder="과제2/", files=REPORT),
        Sample("2024-20023.tar.gz", "one notebook", {RNN: (RNN, RIGHT)}),
        Sample("2024-20024.tar.gz", "an upload that broke off", both(), damage=lambda packed: packed[:2000]),
        Sample("제출 안내.txt", "no submission at all", packed="제출 기한은 10월 30일입니다.\n".encode()),
    ]
