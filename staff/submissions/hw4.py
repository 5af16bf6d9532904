"""The sample class of homework 4."""

import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import hostile
import hw4_answers as answers
from colab import DOWNLOAD, FOLDER, INSTALL, MOUNT
from sample import Sample, Work

from autograder.authoring.answers import read_answer

RNN, SEQ2SEQ, VIT = "hw4_rnn.ipynb", "hw4_seq2seq.ipynb", "hw4_vit.ipynb"
LAST_LINE = "Test accuracy: 71.20 %\n"
RIGHT = Work()
COLUMNS = ("collate_rounded_up", "shapes_columns_for_biases", "train_with_update_and_clipping")
PARTLY_RIGHT = ("collate_sorted_descending", "forward_last_step", "loss_summed", "evaluate_returns_0")


def all_three(
    work: Work = RIGHT, place: str = "", name: str = VIT, rnn: Work = RIGHT, seq2seq: Work = RIGHT
) -> dict[str, tuple[str, Work]]:
    """The three notebooks in the folder `place`, the ViT's with `work` and under `name`."""
    return {f"{place}{RNN}": (RNN, rnn), f"{place}{SEQ2SEQ}": (SEQ2SEQ, seq2seq), f"{place}{name}": (VIT, work)}


def rewritten(topic: str, *stems: str) -> Work:
    """A work with what the named mutants and variants of a topic write, in their regions and in last cells."""
    staff = Path(__file__).parents[1]
    answers = [read_answer(next(staff.glob(f"*/{topic}/{stem}.py"))) for stem in stems]
    cells = (re.sub(r"^# ruff:.*\n", "", answer.code, flags=re.M) for answer in answers if answer.code)
    regions = {name: code for answer in answers for name, code in answer.regions.items()}
    return Work(regions, after=tuple(cells))


def samples(_: Path) -> list[Sample]:
    """The class: honest students, those who break something or cheat, and those whose archive is odd."""
    return [*_honest(), *_broken_or_cheating(), *_oddly_packed(), *_with_other_figures()]


def _honest() -> list[Sample]:
    other_cells = (MOUNT, FOLDER, INSTALL, DOWNLOAD)
    nothing = Work(unwritten=True)
    decomposed = unicodedata.normalize("NFD", "과제4 제출/")
    return [
        Sample("2024-30001.zip", "everything right", all_three()),
        Sample(
            "2024-30002.zip",
            "everything right among Colab cells, in a folder packed by Windows in Korea",
            all_three(
                Work(answers.FUSED, before=other_cells, after=(answers.TRAINING,)),
                "notebooks/",
                rnn=replace(rewritten("rnn", *COLUMNS), before=(*other_cells, answers.REAL_TORCHTEXT)),
                seq2seq=replace(rewritten("seq2seq", "decoder_padding_masked"), before=other_cells),
            ),
            folder="딥러닝 과제4/",
            code_page="cp949",
        ),
        Sample(
            "2024-30003.zip",
            "a mistake in nearly every question; packed by the Finder",
            all_three(
                Work(answers.PARTLY_RIGHT),
                rnn=rewritten("rnn", *PARTLY_RIGHT),
                seq2seq=rewritten("seq2seq", "decoder_attention_over_batch", "model_shifted_last_column_zero"),
            ),
            folder=decomposed,
            macos=True,
        ),
        Sample("2024-30004.zip", "nothing written", all_three(nothing, rnn=nothing, seq2seq=nothing)),
        Sample(
            "2024-30005.zip",
            "written for a GPU",
            all_three(
                Work(answers.ON_CUDA),
                rnn=rewritten("rnn", "collate_on_cuda", "forward_modules_on_cuda"),
                seq2seq=rewritten("seq2seq", "on_cuda"),
            ),
        ),
        Sample("2024-30006.zip", "matrices of its own, to be marked by hand", all_three(Work(answers.BARE_MATRICES))),
    ]


def _broken_or_cheating() -> list[Sample]:
    bracket = {"self.attention(self.LN1(x)) + x": "self.attention(self.LN1(x) + x"}
    renamed = {"class Patchification(": "class Patchify("}
    return [
        Sample(
            "2024-30007.zip",
            "uses nn.MultiheadAttention, nn.RNN and nn.CrossEntropyLoss",
            all_three(Work(answers.BUILT_IN), rnn=rewritten("rnn", "forward_rnn_module", "loss_cross_entropy_module")),
        ),
        Sample(
            "2024-30008.zip",
            "calls itself without end; a translator that knows what it has to guess",
            all_three(Work({"ViT.forward": answers.RECURSES}), seq2seq=rewritten("seq2seq", "model_leak_all_steps")),
        ),
        Sample(
            "2024-30009.zip",
            "a bracket is missing in one cell",
            all_three(Work({"Block.forward": answers.BLOCK}, swaps=bracket)),
        ),
        Sample(
            "2024-30010.zip",
            "classes renamed",
            all_three(Work(swaps=renamed), rnn=Work(swaps={"class RNN(": "class Rnn("})),
        ),
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


def _with_other_figures() -> list[Sample]:
    codeless = Work(swaps={answers.CODE_OF_THE_LAST_CELL: answers.LEFT_OVER}, prints={answers.LEFT_OVER: LAST_LINE})
    baseline = {"print(f'Test perplexity": "Test perplexity: 4.31\n"}
    return [
        Sample(
            "2024-30018.zip",
            "a validation figure, a run that ended early, a figure in a cell without code",
            all_three(codeless, rnn=Work(prints=answers.CALLED_VALIDATION), seq2seq=Work(prints=answers.ENDS_EARLY)),
        ),
        Sample(
            "2024-30019.zip",
            "a perplexity that is enough, but another model's",
            all_three(seq2seq=Work(after=(answers.OTHER_MODEL,), prints=answers.OWN_MODEL | baseline)),
        ),
    ]
