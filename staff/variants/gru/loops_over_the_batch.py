# question: 2-1-1a, 2-1-1b

import math

import torch


def logistic(x):
    return 1 / (1 + torch.exp(-x))


def one_sample(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    size = len(h)
    from_x = torch.mv(weight_ih, x) + bias_ih
    from_h = torch.mv(weight_hh, h) + bias_hh
    r = logistic(from_x[:size] + from_h[:size])
    z = logistic(from_x[size : 2 * size] + from_h[size : 2 * size])
    n = torch.tensor([math.tanh(value) for value in from_x[2 * size :] + r * from_h[2 * size :]], dtype=x.dtype)
    return r, z, n, from_h[2 * size :]


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    output = torch.zeros(hidden.shape, dtype=torch.double)
    for b in range(input.shape[0]):
        _, z, n, _ = one_sample(input[b], hidden[b], weight_ih, weight_hh, bias_ih, bias_hh)
        for j in range(hidden.shape[1]):
            output[b, j] = z[j] * hidden[b, j] + (1 - z[j]) * n[j]
    return output


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    size = hidden.shape[1]
    grad_hidden = torch.zeros_like(hidden)
    grad_weight_ih, grad_weight_hh = torch.zeros_like(weight_ih), torch.zeros_like(weight_hh)
    grad_bias_ih, grad_bias_hh = torch.zeros_like(bias_ih), torch.zeros_like(bias_hh)
    for b, (g, x, h) in enumerate(zip(grad_output, input, hidden, strict=True)):
        r, z, n, recurrent = one_sample(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
        d_n = g * (1 - z) * (1 - n * n)
        d_z = g * (h - n) * z * (1 - z)
        d_r = d_n * recurrent * r * (1 - r)
        for block, (from_input, from_hidden) in enumerate([(d_r, d_r), (d_z, d_z), (d_n, d_n * r)]):
            rows = slice(block * size, (block + 1) * size)
            grad_weight_ih[rows] += torch.outer(from_input, x)
            grad_weight_hh[rows] += torch.outer(from_hidden, h)
            grad_bias_ih[rows] += from_input
            grad_bias_hh[rows] += from_hidden
            grad_hidden[b] += weight_hh[rows].T @ from_hidden
        grad_hidden[b] += g * z
    return grad_hidden, grad_weight_ih, grad_weight_hh, grad_bias_ih, grad_bias_hh
