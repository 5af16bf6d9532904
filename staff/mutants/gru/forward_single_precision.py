# question: 2-1-1a
# diagnosis: single precision
# earns: 8

import torch


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    input, hidden, weight_ih, weight_hh, bias_ih, bias_hh = (
        tensor.float() for tensor in (input, hidden, weight_ih, weight_hh, bias_ih, bias_hh)
    )
    i_r, i_z, i_n = (input @ weight_ih.T + bias_ih).chunk(3, 1)
    h_r, h_z, h_n = (hidden @ weight_hh.T + bias_hh).chunk(3, 1)
    z = torch.sigmoid(i_z + h_z)
    n = torch.tanh(i_n + torch.sigmoid(i_r + h_r) * h_n)
    return z * hidden + (1 - z) * n
