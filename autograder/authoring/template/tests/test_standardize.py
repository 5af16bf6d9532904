"""homework1.ipynb: rows of mean 0 and variance 1."""

from autograder.checks import Mistake, expect, question

MISTAKES = {
    "over the batch": Mistake("mean and variance are taken over the batch", "the dimension: one mean for each row", 3),
    "mean kept": Mistake("the mean is not subtracted", "the numerator", 3),
    "root missing": Mistake("the square root is missing", "the denominator", 5),
    "eps outside the root": Mistake("eps is added to the root", "eps stands below the root", 8),
    "divided by dim - 1": Mistake("the variance is divided by dim - 1", "the mean of all dim squares", 8),
}
FORBIDDEN = ["torch.layer_norm", "torch.nn.*.layer_norm", "torch.nn.LayerNorm"]


@question("1", points=10, cases="standardize", forbid=FORBIDDEN)
def test_standardize(student, case):
    """As torch.nn.functional.layer_norm."""
    expect.matches(student.standardize(*case.inputs), case, dims={"y": "(batch, dim)"}, mistakes=MISTAKES)
