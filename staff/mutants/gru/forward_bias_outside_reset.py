# question: 2-1-1a
# diagnosis: bias outside r
# earns: 0

import torch


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    size = hidden.shape[1]
    i_r, i_z, i_n = (input @ weight_ih.T).chunk(3, 1)
    h_r, h_z, h_n = (hidden @ weight_hh.T).chunk(3, 1)
    bias = bias_ih + bias_hh  # one bias is enough ... for the gates
    r = torch.sigmoid(i_r + h_r + bias[:size])
    z = torch.sigmoid(i_z + h_z + bias[size : 2 * size])
    n = torch.tanh(i_n + r * h_n + bias[2 * size :])
    return z * hidden + (1 - z) * n
