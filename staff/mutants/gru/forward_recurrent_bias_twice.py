# question: 2-1-1a
# diagnosis: recurrent bias twice
# earns: 0

import torch


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    hidden_size = hidden.shape[1]
    b_r = bias_hh[:hidden_size]
    i_r, i_z, i_n = (input @ weight_ih.T + torch.cat([b_r, bias_ih[hidden_size:]])).chunk(3, 1)
    h_r, h_z, h_n = (hidden @ weight_hh.T + bias_hh).chunk(3, 1)
    r = torch.sigmoid(i_r + h_r)
    z = torch.sigmoid(i_z + h_z)

    n = torch.tanh(i_n + r * h_n)
    return z * hidden + (1 - z) * n
