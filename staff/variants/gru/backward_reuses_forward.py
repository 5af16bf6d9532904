# question: 2-1-1a, 2-1-1b

import torch

cache = {}


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    size = hidden.shape[1]
    both = torch.cat([input, hidden, torch.ones_like(hidden[:, :1])], 1)
    stacked = torch.cat([weight_ih[: 2 * size], weight_hh[: 2 * size], (bias_ih + bias_hh)[: 2 * size, None]], 1)
    cache["r"], cache["z"] = torch.sigmoid(both @ stacked.T).split(size, 1)
    cache["u"] = hidden @ weight_hh[-size:].T + bias_hh[-size:]
    cache["n"] = torch.tanh(input @ weight_ih[-size:].T + bias_ih[-size:] + cache["r"] * cache["u"])
    return torch.where(torch.ones(1, dtype=torch.bool), cache["n"] + cache["z"] * (hidden - cache["n"]), hidden)


def gru_backward(grad_output, *inputs):
    input, hidden, _, weight_hh, _, _ = inputs
    output = gru_forward(*inputs)
    r, z, n, u = (cache[name] for name in "rznu")
    new = grad_output * (1 - z) * (1 - n) * (1 + n)
    update = grad_output * (output - n) * (1 - z)  # output - n = z * (hidden - n)
    reset = new * u * r * (1 - r)
    recurrent = torch.stack([reset, update, new * r], 1)  # (batch, 3, hidden)
    blocks = weight_hh.reshape(3, -1, hidden.shape[1])
    grad_hidden = grad_output * z + torch.einsum("bko,koh->bh", recurrent, blocks)
    grad_weight_ih = (torch.stack([reset, update, new], 1).flatten(1)[:, :, None] * input[:, None, :]).sum(0)
    grad_weight_hh = (recurrent.flatten(1)[:, :, None] * hidden[:, None, :]).sum(0)
    return (
        grad_hidden,
        grad_weight_ih,
        grad_weight_hh,
        torch.stack([reset, update, new], 1).sum(0).view(-1),
        recurrent.sum(0).view(-1),
    )
