"""How 1f is checked by training again: the trained network classifies the test news, in the notebook's own batches."""

import torch

from autograder.checks import Handle, Student, StudentError, TestSet, attempt, expect, retraining

BATCH = 64  # the notebook's; the mean length of the texts of a batch depends on it
CLASSES = 4
ANY_LABEL = 1


@retraining("1f", model="RNN", data="ag_news")
def right_news(student: Student, model: Handle, data: TestSet) -> torch.Tensor:
    """Which test news the network classifies rightly, bool (news,)."""
    model.eval()
    labels, texts = zip(*data.examples, strict=True)
    found = [predicted(student, model, texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
    return torch.cat(found) == torch.tensor(labels) - 1


def predicted(student: Student, model: Handle, texts: tuple[str, ...]) -> torch.Tensor:
    """The classes of some texts, from 0, Long (texts,)."""
    text, order, lengths = batch_of(student, texts)
    scores = model.infer(text, lengths)
    expect.shape("what forward returns", scores, (len(texts), CLASSES))
    classes = torch.empty(len(texts), dtype=torch.long)
    classes[order] = scores.argmax(1)
    return classes


def batch_of(student: Student, texts: tuple[str, ...]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A batch without labels as `collate_batch` makes it, and in the place of labels the rows in its order."""
    rows = torch.arange(len(texts))
    # Labels go through `label_pipeline`, which takes 1 off: place numbers as labels tell whether rows were moved.
    batch = attempt(student.collate_batch, [(place + 1, text) for place, text in enumerate(texts)])
    if not isinstance(batch, StudentError):
        text, order, lengths = batch
        if isinstance(order, torch.Tensor) and order.dtype == torch.long and torch.equal(order.sort().values, rows):
            return text, order, lengths
    text, _, lengths = student.collate_batch([(ANY_LABEL, text) for text in texts])
    return text, rows, lengths
