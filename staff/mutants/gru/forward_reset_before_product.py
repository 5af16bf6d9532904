# question: 2-1-1a
# diagnosis: reset before the product
# earns: 0

import torch


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    size = hidden.shape[1]
    gates = input @ weight_ih.T + bias_ih
    r = torch.sigmoid(gates[:, :size] + hidden @ weight_hh[:size].T + bias_hh[:size])
    z = torch.sigmoid(gates[:, size : 2 * size] + hidden @ weight_hh[size : 2 * size].T + bias_hh[size : 2 * size])
    n = torch.tanh(gates[:, 2 * size :] + (r * hidden) @ weight_hh[2 * size :].T + bias_hh[2 * size :])
    return z * hidden + (1 - z) * n
