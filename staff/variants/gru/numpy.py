# question: 2-1-1a, 2-1-1b

import numpy as np
import torch


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def gates(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    x_r, x_z, x_n = np.split(input @ weight_ih.T + bias_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(hidden @ weight_hh.T + bias_hh, 3, axis=1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    return r, z, np.tanh(x_n + r * h_n), h_n


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    arrays = [tensor.numpy() for tensor in (input, hidden, weight_ih, weight_hh, bias_ih, bias_hh)]
    _, z, n, _ = gates(*arrays)
    return torch.from_numpy(z * arrays[1] + (1 - z) * n)


def gru_backward(grad_output, *parameters):
    input, hidden, weight_ih, weight_hh, bias_ih, bias_hh = [
        tensor.detach().cpu().numpy().astype(np.float64) for tensor in parameters
    ]
    g = np.array(grad_output.tolist())
    r, z, n, h_n = gates(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh)
    d_n = g * (1 - z) * (1 - n**2)
    d_z = g * (hidden - n) * z * (1 - z)
    d_r = d_n * h_n * r * (1 - r)
    d_x, d_h = np.hstack([d_r, d_z, d_n]), np.hstack([d_r, d_z, d_n * r])
    results = [g * z + d_h @ weight_hh, d_x.T @ input, d_h.T @ hidden, d_x.sum(axis=0), d_h.sum(axis=0)]
    return tuple(torch.tensor(result, dtype=torch.double) for result in results)
