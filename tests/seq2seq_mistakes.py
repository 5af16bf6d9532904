"""Known mistakes in hw4_seq2seq.ipynb: what to call them, where to look, and what they still earn."""

from functools import partial

from seq2seq_scores import PROBABILITIES, RESHAPED, SHIFTED

from autograder.checks import Mistake

without_case = partial(Mistake, in_cases=False)  # seen by a law, or by the way in which scores are returned

ATTENTION = "softmax(h . s_1, ..., h . s_L): for each sentence on its own, over its L words"
FED = "the step for index t reads trg[:, t - 1]"
TANH = "classifier(tanh(fc([context; state])))"
PLAIN = "scores as they are, or a log-softmax; no softmax"
# Earned of the 4 points of the encoder.
ENCODER = {
    "first state not used": Mistake(
        "the encoder does not start with the hidden and the cell that it gets",
        "self.lstm(..., (hidden, cell))",
        earns=3,
    ),
}
# Earned of the 6 points of the decoder.
STEP = {
    "attention over the batch": Mistake("the softmax of the attention runs over the sentences", ATTENTION, earns=3),
    "attention scaled": Mistake("the scores of the attention are divided by a root", ATTENTION, earns=5),
    "attention without softmax": Mistake("the scores of the attention go through no softmax", ATTENTION, earns=3),
    "attention uniform": Mistake("every word gets the same attention", ATTENTION, earns=3),
    "attention by the former state": Mistake("the former state asks, not the new one", ATTENTION, earns=3),
    "context left out": Mistake(
        "fc gets the state alone: the context of the attention is not used",
        "fc works on the context and the state, side by side",
        earns=3,
    ),
    "tanh missing": Mistake("the tanh between fc and classifier is missing", TANH, earns=3),
    "ReLU for tanh": Mistake("a ReLU stands in the place of tanh", TANH, earns=3),
    "tanh before fc": Mistake("the tanh comes before fc", TANH, earns=3),
    PROBABILITIES: without_case("the scores are probabilities, a softmax too many", PLAIN, earns=4),
}
# Earned of the 10 points of 2b. What the decoder alone gets wrong is marked in 2a.
MODEL = {
    SHIFTED: without_case(
        "the scores at index t are those for trg[:, t + 1]",
        "the step that reads trg[:, t - 1] goes to index t",
        earns=7,
    ),
    PROBABILITIES: without_case("the scores are probabilities, a softmax too many", PLAIN, earns=8),
    RESHAPED: without_case("the axes were mixed up by a reshape or view", "permute or transpose moves axes", earns=4),
    "always SOS": Mistake("every step of the decoder reads SOS", FED, earns=5),
    "own predictions fed": Mistake("the steps read the words that the model guessed", FED, earns=5),
    "state not carried": Mistake(
        "a step does not start with the state of the step before", "pass on hidden and cell of the decoder", earns=5
    ),
    "attention over the batch": Mistake("the softmax of the attention runs over the sentences", ATTENTION, earns=4),
    "attention without softmax": Mistake("the scores of the attention go through no softmax", ATTENTION, earns=4),
    "attention uniform": Mistake("every word gets the same attention", ATTENTION, earns=4),
    "target leak": Mistake("the scores for a word change with that word: the model knows what it has to guess", FED),
    # By the laws alone
    "not a number": without_case("the scores are NaN", "a softmax over nothing but -inf, a logarithm of 0", earns=4),
    "filled up sentences": without_case(
        "sentences that are filled up disturb others, or make the model fail",
        "masks, lengths and sorting: which row is whose?",
        earns=8,
    ),
    "not reproducible": without_case(
        "two runs with the same input differ", "random numbers, dropout, words that are fed by chance", earns=5
    ),
    "softmax over the positions": without_case("a softmax runs over the positions of a sentence", PLAIN, earns=4),
    "sentences not independent": without_case(
        "the sentences of a batch change each other", "axes: a softmax, view or reshape over the wrong one", earns=4
    ),
    "translations not read": without_case("the words of trg make no difference", FED, earns=4),
    "wrong values": without_case(
        "the scores are wrong",
        "does the decoder start with the encoder's hidden and cell? is every index from 1 on filled, by its own step?",
        earns=4,
    ),
}
