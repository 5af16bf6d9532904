# question: 2-1-1a, 2-1-1b

import torch


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    size = hidden.shape[1]
    gates = input @ weight_ih.mT
    gates += bias_ih
    recurrent = hidden @ weight_hh.mT
    recurrent += bias_hh
    gates[:, : 2 * size] += recurrent[:, : 2 * size]
    gates[:, : 2 * size].sigmoid_()
    recurrent[:, 2 * size :] *= gates[:, :size]
    output = gates[:, 2 * size :].add_(recurrent[:, 2 * size :]).tanh_()
    hidden -= output  # spoils the argument, which the caller does not need any more
    return output.addcmul_(gates[:, size : 2 * size], hidden)


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    size = hidden.shape[1]
    gates = input.matmul(weight_ih.mT).add_(bias_ih)
    recurrent = hidden.matmul(weight_hh.mT).add_(bias_hh)
    gates[:, : 2 * size].add_(recurrent[:, : 2 * size]).sigmoid_()
    r, z, n = gates[:, :size], gates[:, size : 2 * size], gates[:, 2 * size :]
    n.addcmul_(r, recurrent[:, 2 * size :]).tanh_()

    grads = torch.empty(hidden.shape[0], 3 * size, dtype=hidden.dtype)
    grads[:, 2 * size :] = grad_output.clone().mul_(1 - z).mul_(1 - n * n)
    grads[:, size : 2 * size] = (hidden - n).mul_(grad_output).mul_(z).mul_(1 - z)
    grads[:, :size] = recurrent[:, 2 * size :].mul_(grads[:, 2 * size :]).mul_(r).mul_(1 - r)
    grad_weight_ih, grad_bias_ih = grads.T @ input, grads.sum(dim=0)
    grads[:, 2 * size :] *= r
    grad_hidden = grads @ weight_hh
    grad_hidden += grad_output * z
    return grad_hidden, grad_weight_ih, grads.T @ hidden, grad_bias_ih, grads.sum(dim=0)
