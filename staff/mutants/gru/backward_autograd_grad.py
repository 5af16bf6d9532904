# question: 2-1-1b
# diagnosis: forbidden call
# earns: 0

import torch.autograd


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    leaves = [tensor.clone().requires_grad_() for tensor in (hidden, weight_ih, weight_hh, bias_ih, bias_hh)]
    output = gru_forward(input, *leaves)  # noqa: F821 (the notebook's own)
    return torch.autograd.grad(output, leaves, grad_output)
