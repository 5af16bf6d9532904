"""The sample class of homework 4."""

import unicodedata
from pathlib import Path

import hostile
import hw4_answers as answers
from colab import DOWNLOAD, FOLDER, INSTALL, MOUNT
from sample import Sample, Work

RNN, SEQ2SEQ, VIT = "hw4_rnn.ipynb", "hw4_seq2seq.ipynb", "hw4_vit.ipynb"
RIGHT = Work()


def all_three(work: Work = RIGHT, place: str = "", name: str = VIT) -> dict[str, tuple[str, Work]]:
    """The three notebooks in the folder `place`, the last of them under a name and with a work of its own."""
    return {f"{place}{RNN}": (RNN, RIGHT), f"{place}{SEQ2SEQ}": (SEQ2SEQ, RIGHT), f"{place}{name}": (VIT, work)}


def samples(root: Path) -> list[Sample]:
    """The class: honest students, those who break something or cheat, and those whose archive is odd."""
    return [*_honest(), *_broken_or_cheating(), *_oddly_packed()]


def _honest() -> list[Sample]:
    other_cells = (MOUNT, FOLDER, INSTALL, DOWNLOAD)
    decomposed = unicodedata.normalize("NFD", "과제4 제출/")
    return [
        Sample("2024-30001.zip", "everything right", all_three()),
        Sample(
            "2024-30002.zip",
            "everything right among Colab cells, in a folder packed by Windows in Korea",
            all_three(Work(answers.FUSED, before=other_cells, after=(answers.TRAINING,)), "notebooks/"),
            folder="딥러닝 과제4/",
            code_page="cp949",
        ),
        Sample(
            "2024-30003.zip",
            "one head, normalisation after the residual, no class token in the end; packed by the Finder",
            all_three(Work(answers.PARTLY_RIGHT)),
            folder=decomposed,
            macos=True,
        ),
        Sample("2024-30004.zip", "nothing written", all_three(Work(unwritten=True))),
        Sample("2024-30005.zip", "written for a GPU", all_three(Work(answers.ON_CUDA))),
        Sample("2024-30006.zip", "matrices of its own, to be marked by hand", all_three(Work(answers.BARE_MATRICES))),
    ]


def _broken_or_cheating() -> list[Sample]:
    bracket = {"self.attention(self.LN1(x)) + x": "self.attention(self.LN1(x) + x"}
    renamed = {"class Patchification(": "class Patchify("}
    return [
        Sample("2024-30007.zip", "uses nn.MultiheadAttention", all_three(Work(answers.BUILT_IN))),
        Sample("2024-30008.zip", "calls itself without end", all_three(Work({"ViT.forward": answers.RECURSES}))),
        Sample(
            "2024-30009.zip",
            "a bracket is missing in one cell",
            all_three(Work({"Block.forward": answers.BLOCK}, swaps=bracket)),
        ),
        Sample("2024-30010.zip", "a class renamed", all_three(Work(swaps=renamed))),
        Sample("2024-30011.zip", "crashes the process", all_three(Work({"Block.forward": hostile.SEGFAULTS}))),
        Sample(
            "2024-30012.zip", "walks frames and objects", all_three(Work({"Attention.forward": answers.WALKS_FRAMES}))
        ),
        Sample("2024-30013.zip", "ends at once", all_three(Work({"Patchification.forward": hostile.CRASHES}))),
    ]


def _oddly_packed() -> list[Sample]:
    return [
        Sample("2024-30014.zip", "no file in it"),
        Sample("2024-30015.zip", "a copy with Colab's own name", all_three(name="hw4_vit의 사본.ipynb")),
        Sample("2024-30016.zip", "downloaded twice", all_three(name="hw4_vit (1).ipynb"), folder="2024-30016/"),
        Sample("2024-30017.zip", "an upload that broke off", all_three(), damage=lambda packed: packed[:2000]),
        Sample("ViT_최종.zip", "no ID anywhere", all_three()),
        Sample("읽어주세요.txt", "no submission at all", packed="과제4는 기한 후 제출하겠습니다.\n".encode()),
    ]
