# question: 2-1-1b
# diagnosis: not written
# earns: 0

# the skeleton's line was left in place


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    raise NotImplementedError("gru_backward is not written yet")
