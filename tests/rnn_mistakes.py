"""Known mistakes in hw4_rnn.ipynb: what to call them, where to look, and what they still earn."""

from collections import Counter
from collections.abc import Mapping
from itertools import product

from rnn_network import Shape, core

from autograder.checks import Mismatch, Mistake, expect, say

T_RULE = "T is the mean of the numbers of ids in the batch, rounded"
COLLATE = {
    "batch sorted": Mistake("the rows are sorted by their length", "the order of the rows stays", earns=2),
    "T is the longest": Mistake("T is the length of the longest text", T_RULE),
    "T is the shortest": Mistake("T is the length of the shortest text", T_RULE),
    "axes exchanged": Mistake("(B, T) instead of (T, B)", "the columns are the texts"),
    "filled in front": Mistake("short texts are filled up in front of their words", "the filling goes behind the end"),
    "cut in front": Mistake("long texts lose their first words", "the first T ids stay"),
    "labels from 1": Mistake("the labels are those of the file, from 1 to 4", "label_pipeline"),
    "unknown words not counted": Mistake("words with id 0 are not counted", "id 0 is an unknown word, too", earns=2),
    "lengths all T": Mistake("all lengths are T", "a short text has fewer ids; forward needs to know where it ends"),
}

LAST = "the state after step length[i] - 1 for row i, where length is at most T"
AXIS = "(B, num_class): each row's probabilities add up to 1"
FORWARD = {
    "log-softmax": Mistake("these are logarithms of the probabilities", "softmax, not log_softmax", earns=8),
    "softmax missing": Mistake("these are scores, not probabilities", "the softmax at the end", earns=8),
    "softmax over the batch": Mistake("the softmax runs over the rows, not over the classes", AXIS, earns=6),
    "off by one": Mistake("the state is that of one step beside the last word", LAST, earns=8),
    "unknown words not counted": Mistake(
        "the state is not that after the last word where a text holds unknown words", LAST, earns=8
    ),
    "last step for every row": Mistake("every row gets the state of the last step, filling included", LAST, earns=6),
}

LOSS = {
    "loss summed": Mistake("the sum over the rows, not the mean", "divide by the number of rows", earns=2),
    "mean over the classes too": Mistake(
        "divided by the number of classes, too", "the mean is over the rows alone", earns=2
    ),
    "softmax again": Mistake(
        "the probabilities go through another softmax", "prediction holds probabilities already: take the logarithm"
    ),
    "logarithm missing": Mistake("the logarithm is missing", "-log of the label's probability"),
    "sign": Mistake("the loss has the wrong sign", "logarithms of probabilities are negative, a loss is not"),
    "one loss for each row": Mistake("there is one loss for each row", "the mean over the rows"),
}
SHARE = "the number of right predictions, not divided by anything"
COUNT = {
    "share instead of number": Mistake("this is the share of right predictions", SHARE, earns=1),
    "percentage instead of number": Mistake("this is the percentage of right predictions", SHARE, earns=1),
}

OVER_ROWS = "the loss of a batch is a mean: times its rows, added up, divided by all rows; the last batch is smaller"
FIGURES = {
    "mean over the batches": (say("the figures are averaged over the batches, not over the rows"), say(OVER_ROWS)),
    "accuracy averaged over the batches": (
        say("the accuracy is averaged over the batches, not over the rows"),
        say(OVER_ROWS),
    ),
    "accuracy as a share": (say("the accuracy is between 0 and 1, not in percent"), say("times 100")),
    "loss of the last batch": (say("the loss is that of the last batch"), say(OVER_ROWS)),
    "losses added up": (say("the losses of the batches are only added up"), say(OVER_ROWS)),
    "losses divided by the rows": (say("mean losses are added up and divided by the number of rows"), say(OVER_ROWS)),
    "losses times rows divided by the batches": (
        say("sums over rows are divided by the number of batches"),
        say(OVER_ROWS),
    ),
    "loss and accuracy exchanged": (say("accuracy and loss are exchanged"), say("the loss is returned first")),
}
TRAIN = {
    "not in training mode": Mistake("the model was not in training mode", "model.train()", earns=2),
    "zero_grad missing": Mistake("gradients of former batches are added up", "scheduler.zero_grad()", earns=1),
    "no step": Mistake("the weights do not change", "the order of zero_grad, backward and step"),
    "returns 0": Mistake("0 is returned", "is what you return the sum that you add up?", earns=2),
    "update missing": Mistake(
        "nothing in the notebook calls update(), so the learning rate never changes",
        "scheduler.update(), once for each epoch, in train or in your training loop",
        earns=2,
        in_cases=False,
    ),
} | {name: Mistake(*words, earns=2) for name, words in FIGURES.items()}
EVALUATE = {
    "not in evaluation mode": Mistake("the model was not in evaluation mode", "model.eval()", earns=1),
    "gradients kept track of": Mistake("gradients are kept track of", "with torch.no_grad()", earns=1),
    "returns 0": Mistake("0 is returned", "is what you return the sum that you add up?"),
} | {name: Mistake(*words, earns=1) for name, words in FIGURES.items()}


EQUATIONS = "the equations above RNN: what does each weight read, what does it give?"


def diagnose_shapes(held: Mapping[str, Shape], input: int, hidden: int, classes: int) -> None:
    """Compares the shapes of the parameters, by name, with those of the equations. Raises Mismatch.

    Under other names than the given ones, only the shapes as a whole count.
    """
    right = _shapes(input, hidden, classes)
    exchanged = _shapes(hidden, input, classes)
    found = {name: tuple(sorted(core(shape))) for name, shape in held.items()}
    if found.keys() == right.keys():
        fits = all(found[name] == right[name] for name in right)
        swapped = all(found[name] in (right[name], exchanged[name]) for name in right)
    else:
        fits = Counter(found.values()) == Counter(right.values())
        swapped = any(
            Counter(found.values()) == Counter(mixed)
            for mixed in product(*(sorted({right[name], exchanged[name]}) for name in right))
        )
    if fits:
        return
    says = say("input and hidden sizes are exchanged" if swapped else "the parameters of RNN have wrong shapes")
    expected = ", ".join(f"{name} {shape}" for name, shape in _written(input, hidden, classes).items())
    got = ", ".join(f"{name} {shape}" for name, shape in held.items())
    raise Mismatch(
        says,
        say("expected {what}, each as it is or transposed", what=expected),
        say("got {what}", what=got[:400] or say("no parameters")),
        say(
            "with input_size {input}, hidden_size {hidden}, num_class {classes}",
            input=input,
            hidden=hidden,
            classes=classes,
        ),
        expect.to_look_at(EQUATIONS),
        diagnosis="input and hidden sizes exchanged" if swapped else "wrong shapes",
        shows="{name: tuple(one.shape) for name, one in {}.named_parameters()}",
        earns=1 if swapped else 0,
    )


def _written(input: int, hidden: int, classes: int) -> dict[str, Shape]:
    return {
        "weight_ih": (hidden, input),
        "bias_ih": (hidden,),
        "weight_hh": (hidden, hidden),
        "bias_hh": (hidden,),
        "weight_ho": (classes, hidden),
        "bias_ho": (classes,),
    }


def _shapes(input: int, hidden: int, classes: int) -> dict[str, Shape]:
    return {name: tuple(sorted(shape)) for name, shape in _written(input, hidden, classes).items()}
