# question: 2-1-1b
# diagnosis: forbidden call
# earns: 0

# no import at all: methods do it


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    leaves = [
        tensor.detach().clone().requires_grad_(True) for tensor in (hidden, weight_ih, weight_hh, bias_ih, bias_hh)
    ]
    output = gru_forward(input, *leaves)  # noqa: F821 (the notebook's own)
    output.backward(grad_output)
    return [leaf.grad for leaf in leaves]
