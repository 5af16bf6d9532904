# question: 2-1-1a
# diagnosis: forbidden call
# earns: 0

from torch import _VF as functions


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    return functions.gru_cell(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh)
