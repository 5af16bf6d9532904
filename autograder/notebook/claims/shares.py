"""Whether an accuracy can be measured: as a share of the test examples, or as a mean over full batches of them."""

from autograder.notebook.claims.model import Figure

BATCHES = (16, 32, 50, 64, 100, 128, 200, 256, 500, 512, 1000, 1024)
FEWEST_DECIMALS = 2  # of the percentage; a shorter one may be a share of anything
SINGLE = 2e-5  # what single precision loses of a percentage


def is_share(figure: Figure, examples: int) -> bool:
    """Whether so many examples, or as many as fill batches of a common size, give this accuracy when it is rounded."""
    if figure.amount_decimals < FEWEST_DECIMALS:
        return True
    allowed = max(0.5 * 10.0**-figure.amount_decimals, SINGLE) * 1.000001
    totals = {examples, *(examples - examples % size for size in BATCHES if size <= examples)}
    return any(abs(100 * round(figure.amount * total / 100) / total - figure.amount) <= allowed for total in totals)
