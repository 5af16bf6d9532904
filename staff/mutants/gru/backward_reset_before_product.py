# question: 2-1-1b
# diagnosis: reset before the product
# earns: 0

import torch


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    i_r, i_z, i_n = (input @ weight_ih.T + bias_ih).chunk(3, 1)
    h_r, h_z, _ = (hidden @ weight_hh.T + bias_hh).chunk(3, 1)
    r = torch.sigmoid(i_r + h_r)
    z = torch.sigmoid(i_z + h_z)
    weight_n = weight_hh[2 * hidden.shape[1] :]
    n = torch.tanh(i_n + (r * hidden) @ weight_n.T + bias_hh.chunk(3)[2])
    d_n = grad_output * (1 - z) * (1 - n**2)
    d_z = grad_output * (hidden - n) * z * (1 - z)
    d_rh = d_n @ weight_n
    d_r = d_rh * hidden * r * (1 - r)
    d_i = torch.cat([d_r, d_z, d_n], 1)
    grad_hidden = grad_output * z + d_rh * r + d_i[:, : -r.shape[1]] @ weight_hh[: -r.shape[1]]
    grad_weight_ih = d_i.T @ input
    grad_weight_hh = torch.cat([d_r.T @ hidden, d_z.T @ hidden, d_n.T @ (r * hidden)])
    grad_bias_ih = d_i.sum(0)
    grad_bias_hh = d_i.sum(0)
    return grad_hidden, grad_weight_ih, grad_weight_hh, grad_bias_ih, grad_bias_hh
