# question: 2-1-1a
# diagnosis: gates exchanged
# earns: 0

import torch


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    i_z, i_r, i_n = (input @ weight_ih.T + bias_ih).chunk(3, 1)  # the equations' order, not the handout's
    h_z, h_r, h_n = (hidden @ weight_hh.T + bias_hh).chunk(3, 1)
    z = torch.sigmoid(i_z + h_z)
    r = torch.sigmoid(i_r + h_r)
    n = torch.tanh(i_n + r * h_n)
    return z * hidden + (1 - z) * n
