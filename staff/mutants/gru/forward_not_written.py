# question: 2-1-1a
# diagnosis: not written
# earns: 0

# the skeleton's line was left in place


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    raise NotImplementedError("gru_forward is not written yet")
