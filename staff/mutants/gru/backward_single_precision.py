# question: 2-1-1b
# diagnosis: single precision
# earns: 16

import torch


def gru_backward(*arguments):
    grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh = (tensor.float() for tensor in arguments)
    i_r, i_z, i_n = (input @ weight_ih.T + bias_ih).chunk(3, 1)
    h_r, h_z, h_n = (hidden @ weight_hh.T + bias_hh).chunk(3, 1)
    r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
    n = torch.tanh(i_n + r * h_n)
    d_n = grad_output * (1 - z) * (1 - n**2)
    d_r, d_z = d_n * h_n * r * (1 - r), grad_output * (hidden - n) * z * (1 - z)
    d_i, d_h = torch.cat([d_r, d_z, d_n], 1), torch.cat([d_r, d_z, d_n * r], 1)
    results = grad_output * z + d_h @ weight_hh, d_i.T @ input, d_h.T @ hidden, d_i.sum(0), d_h.sum(0)
    return results
