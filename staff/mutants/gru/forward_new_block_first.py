# question: 2-1-1a
# diagnosis: row order new, reset, update
# earns: 0

import torch


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    size = hidden.shape[1]
    gates = input @ weight_ih[size:].T + bias_ih[size:] + hidden @ weight_hh[size:].T + bias_hh[size:]
    r, z = torch.sigmoid(gates).split(size, 1)
    n = torch.tanh(input @ weight_ih[:size].T + bias_ih[:size] + r * (hidden @ weight_hh[:size].T + bias_hh[:size]))
    return z * hidden + (1 - z) * n
