# question: 2-1-1a, 2-1-1b

import torch
import torch.nn as nn
from torch.autograd import gradcheck


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    i_r, i_z, i_n = (input @ weight_ih.T + bias_ih).chunk(3, 1)
    h_r, h_z, h_n = (hidden @ weight_hh.T + bias_hh).chunk(3, 1)
    z = torch.sigmoid(i_z + h_z)
    n = torch.tanh(i_n + torch.sigmoid(i_r + h_r) * h_n)
    print("n is", n)  # left over from debugging
    assert not n.isnan().any(), f"{n}"
    return z * hidden + (1 - z) * n


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    i_r, i_z, i_n = (input @ weight_ih.T + bias_ih).chunk(3, 1)
    h_r, h_z, h_n = (hidden @ weight_hh.T + bias_hh).chunk(3, 1)
    r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
    n = torch.tanh(i_n + r * h_n)
    print(grad_output, repr(weight_ih), sep="\n")  # left over from debugging
    d_n = grad_output * (1 - z) * (1 - n**2)
    d_r, d_z = d_n * h_n * r * (1 - r), grad_output * (hidden - n) * z * (1 - z)
    d_i, d_h = torch.cat([d_r, d_z, d_n], 1), torch.cat([d_r, d_z, d_n * r], 1)
    return grad_output * z + d_h @ weight_hh, d_i.T @ input, d_h.T @ hidden, d_i.sum(0), d_h.sum(0)


def compare_with_autograd(batch=3, size=5):
    cell = nn.GRUCell(size, size + 1).double()
    input = torch.randn(batch, size, dtype=torch.double)
    hidden = torch.randn(batch, size + 1, dtype=torch.double, requires_grad=True)
    output = cell(input, hidden)
    output.backward(torch.ones_like(output))
    print(torch.allclose(output, gru_forward(input, hidden, *cell.parameters())))
    mine = gru_backward(torch.ones_like(output), input, hidden, *cell.parameters())
    print([torch.allclose(a, b.grad) for a, b in zip(mine, [hidden, *cell.parameters()], strict=True)])
    return gradcheck(cell, (input, hidden))


compare_with_autograd()
checked = compare_with_autograd(batch=2)
reference = torch.gru_cell
