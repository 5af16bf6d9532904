# question: 2-1-1a, 2-1-1b

import torch

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cuda:0")


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    input, hidden = input.to("cuda"), hidden.cuda()
    weight_ih, weight_hh, bias_ih, bias_hh = (
        tensor.to(device=DEVICE, dtype=torch.double) for tensor in (weight_ih, weight_hh, bias_ih, bias_hh)
    )
    output = torch.zeros(hidden.shape, dtype=torch.double, device="cuda")
    r, z = torch.sigmoid(input @ weight_ih.T + bias_ih + hidden @ weight_hh.T + bias_hh).chunk(3, dim=1)[:2]
    size = hidden.shape[1]
    recurrent = hidden @ weight_hh[2 * size :].T + bias_hh[2 * size :]
    n = torch.tanh(input @ weight_ih[2 * size :].T + bias_ih[2 * size :] + r * recurrent)
    output += z * hidden + (1 - z) * n
    return output.to(DEVICE)


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    device = torch.device("cuda", 0)
    grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh = [
        tensor.to(device) for tensor in (grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh)
    ]
    i_r, i_z, i_n = (input @ weight_ih.T + bias_ih).chunk(3, dim=1)
    h_r, h_z, h_n = (hidden @ weight_hh.T + bias_hh).chunk(3, dim=1)
    r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
    n = torch.tanh(i_n + r * h_n)
    one = torch.ones((), dtype=torch.double).cuda()
    d_n = grad_output * (one - z) * (one - n * n)
    d_z = grad_output * (hidden - n) * z * (one - z)
    d_r = d_n * h_n * r * (one - r)
    d_i = torch.cat([d_r, d_z, d_n], dim=1)
    d_h = torch.cat([d_r, d_z, d_n * r], dim=1)
    grad_bias_ih = torch.zeros(bias_ih.shape, dtype=torch.double, device=device) + d_i.sum(dim=0)
    grad_bias_hh = torch.zeros(bias_hh.shape, dtype=torch.double).cuda() + d_h.sum(dim=0)
    return grad_output * z + d_h @ weight_hh, d_i.T @ input, d_h.T @ hidden, grad_bias_ih, grad_bias_hh
