# question: 2-1-1a, 2-1-1b

import torch
from torch import einsum


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    size = hidden.size(1)
    w_r, w_z, w_n = weight_ih[:size], weight_ih[size : 2 * size], weight_ih[2 * size :]
    u_r, u_z, u_n = weight_hh[:size], weight_hh[size : 2 * size], weight_hh[2 * size :]
    reset = torch.sigmoid(
        einsum("bi,oi->bo", input, w_r) + bias_ih[:size] + einsum("bh,oh->bo", hidden, u_r) + bias_hh[:size]
    )
    update = torch.sigmoid(
        einsum("bi,oi->bo", input, w_z)
        + bias_ih[size : 2 * size]
        + einsum("bh,oh->bo", hidden, u_z)
        + bias_hh[size : 2 * size]
    )
    new = torch.tanh(
        einsum("bi,oi->bo", input, w_n)
        + bias_ih[2 * size :]
        + reset * (einsum("bh,oh->bo", hidden, u_n) + bias_hh[2 * size :])
    )
    return new + update * (hidden - new)


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    size = hidden.size(1)
    w_r, w_z, w_n = torch.split(weight_ih, size)
    u_r, u_z, u_n = torch.split(weight_hh, size)
    reset = torch.sigmoid(
        einsum("bi,oi->bo", input, w_r) + einsum("bh,oh->bo", hidden, u_r) + bias_ih[:size] + bias_hh[:size]
    )
    update = torch.sigmoid(
        einsum("bi,oi->bo", input, w_z) + einsum("bh,oh->bo", hidden, u_z) + (bias_ih + bias_hh)[size : 2 * size]
    )
    recurrent = einsum("bh,oh->bo", hidden, u_n) + bias_hh[-size:]
    new = torch.tanh(einsum("bi,oi->bo", input, w_n) + bias_ih[-size:] + reset * recurrent)

    to_new = einsum("bo,bo,bo->bo", grad_output, 1 - update, 1 - new.square())
    to_update = einsum("bo,bo,bo,bo->bo", grad_output, hidden - new, update, 1 - update)
    to_reset = einsum("bo,bo,bo,bo->bo", to_new, recurrent, reset, 1 - reset)
    to_recurrent = to_new * reset

    grad_hidden = (
        grad_output * update
        + einsum("bo,oh->bh", to_reset, u_r)
        + einsum("bo,oh->bh", to_update, u_z)
        + einsum("bo,oh->bh", to_recurrent, u_n)
    )
    input_side, hidden_side = (to_reset, to_update, to_new), (to_reset, to_update, to_recurrent)
    grad_weight_ih = torch.vstack([einsum("bo,bi->oi", gradient, input) for gradient in input_side])
    grad_weight_hh = torch.vstack([einsum("bo,bh->oh", gradient, hidden) for gradient in hidden_side])
    grad_bias_ih = torch.hstack([einsum("bo->o", gradient) for gradient in input_side])
    grad_bias_hh = torch.hstack([einsum("bo->o", gradient) for gradient in hidden_side])
    return grad_hidden, grad_weight_ih, grad_weight_hh, grad_bias_ih, grad_bias_hh
