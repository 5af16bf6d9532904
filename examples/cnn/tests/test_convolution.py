"""lab1.ipynb: a convolution by hand, and a module of two."""

from autograder.checks import Case, Mistake, Student, assign, expect, question

OWN_CONVOLUTIONS = ["torch.nn.Conv*", "torch.conv*", "torch.nn.functional.conv*", "torch.ops.*"]
SHAPE = {"result": "(batch, maps, rows, columns)"}

CONVOLUTION = {
    "kernel flipped": Mistake("the kernel is flipped", "libraries compute a cross-correlation", earns=4),
    "kernel transposed": Mistake("rows and columns of the kernel are exchanged", "(maps, channels, rows, columns)", 3),
    "bias missing": Mistake("the bias is not added", "bias has one number for each map", earns=5),
    "bias for each channel": Mistake("the bias is added once for each channel", "sum first, then add the bias", 4),
    "mean over the channels": Mistake("the mean over the channels is taken", "the sum over channels", earns=3),
    "stride ignored": Mistake("the stride has no effect", "how far the window moves", earns=3),
    "padding ignored": Mistake("the padding has no effect", "zeros on all four sides", earns=3),
}
SEPARABLE = {
    "relu missing": Mistake("the ReLU is missing", "between the two convolutions", earns=3),
    "relu last": Mistake("the ReLU comes after the second convolution", "between the two convolutions", earns=3),
    "second relu": Mistake("there is a ReLU after the second convolution, too", "step 3 has none", earns=3),
    "depthwise missing": Mistake("the first convolution has no effect", "forward", earns=1),
    "biases missing": Mistake("the convolutions have no bias", "bias=True", earns=3),
}


@question("A", points=7, cases="convolve", forbid=OWN_CONVOLUTIONS)
def test_convolve(student: Student, case: Case) -> None:
    """As torch.nn.functional.conv2d."""
    expect.matches(student.convolve(*case.inputs), case, dims=SHAPE, mistakes=CONVOLUTION)


@question("B", points=5, cases="separable")
def test_separable(student: Student, case: Case) -> None:
    """Each channel by itself, ReLU, then all channels at each pixel."""
    channels, maps, parameters, image = case.inputs
    module = expect.module("Separable", student.Separable(channels, maps))
    assign("Separable", module, parameters)
    expect.matches(module(image), case, dims=SHAPE, mistakes=SEPARABLE)
