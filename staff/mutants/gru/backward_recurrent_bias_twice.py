# question: 2-1-1b
# diagnosis: recurrent bias twice
# earns: 0

import torch


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    hidden_size = hidden.shape[1]
    b_r = bias_hh[:hidden_size]
    i_r, i_z, i_n = (input @ weight_ih.T + torch.cat([b_r, bias_ih[hidden_size:]])).chunk(3, 1)
    h_r, h_z, h_n = (hidden @ weight_hh.T + bias_hh).chunk(3, 1)
    r = torch.sigmoid(i_r + h_r)
    z = torch.sigmoid(i_z + h_z)
    n = torch.tanh(i_n + r * h_n)
    d_n = grad_output * (1 - z) * (1 - n**2)
    d_z = grad_output * (hidden - n) * z * (1 - z)
    d_r = d_n * h_n * r * (1 - r)
    d_i = torch.cat([d_r, d_z, d_n], 1)
    d_h = torch.cat([d_r, d_z, d_n * r], 1)
    grad_hidden = grad_output * z + d_h @ weight_hh
    grad_weight_ih = d_i.T @ input
    grad_weight_hh = d_h.T @ hidden
    grad_bias_ih = d_i.sum(0)
    grad_bias_hh = d_h.sum(0)
    return grad_hidden, grad_weight_ih, grad_weight_hh, grad_bias_ih, grad_bias_hh
