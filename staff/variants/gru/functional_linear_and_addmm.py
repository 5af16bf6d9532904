# question: 2-1-1a, 2-1-1b

import torch
import torch.nn.functional as F


@torch.no_grad()
def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    gates_x = F.linear(input, weight_ih, bias_ih)
    gates_h = torch.addmm(bias_hh, hidden, weight_hh.t())
    x_r, x_z, x_n = torch.chunk(gates_x, chunks=3, dim=-1)
    h_r, h_z, h_n = torch.tensor_split(gates_h, 3, dim=-1)
    r = F.sigmoid(x_r + h_r)
    z = torch.special.expit(x_z + h_z)
    n = F.tanh(torch.addcmul(x_n, r, h_n))
    return torch.lerp(n, hidden, z)


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    with torch.no_grad():
        x_r, x_z, x_n = F.linear(input, weight_ih, bias_ih).chunk(3, dim=-1)
        h_r, h_z, h_n = torch.addmm(bias_hh, hidden, weight_hh.t()).chunk(3, dim=-1)
        r, z = F.sigmoid(x_r + h_r), F.sigmoid(x_z + h_z)
        n = F.tanh(torch.addcmul(x_n, r, h_n))

        dn = grad_output * (1.0 - z) * (1.0 - n.pow(2))
        dz = grad_output * (hidden - n) * z * (1.0 - z)
        dr = dn * h_n * r * (1.0 - r)
        dx = torch.cat((dr, dz, dn), dim=-1)
        dh = torch.cat((dr, dz, dn * r), dim=-1)

        grad_hidden = torch.addmm(grad_output * z, dh, weight_hh)
        grad_weight_ih = torch.mm(dx.t(), input)
        grad_weight_hh = torch.mm(dh.t(), hidden)
        return grad_hidden, grad_weight_ih, grad_weight_hh, dx.sum(0), dh.sum(0)
