"""How 2c is checked by training again: by what the run printed, as the notebook splits the data itself."""

from typing import Any

from autograder.checks import Claims, Mismatch, retraining, say


@retraining("2c", model="LSTMSeq2Seq", data="eng_fra")
def printed_perplexity(claims: Claims) -> Any:
    """The best test perplexity that was printed. Raises Mismatch if there is none."""
    try:
        figure = claims.best("perplexity", of=["LSTMSeq2Seq", "AttnLSTMDecoder"])
    except Mismatch as nothing:
        raise Mismatch("no test perplexity was printed", diagnosis=nothing.diagnosis) from None
    if claims.doubt:
        raise Mismatch(
            say("no test perplexity was printed, but {figure} ({doubt})", figure=figure.shown, doubt=claims.doubt),
            diagnosis="no figure",
        )
    return figure
