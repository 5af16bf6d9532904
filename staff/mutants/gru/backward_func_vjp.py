# question: 2-1-1b
# diagnosis: forbidden call
# earns: 0

from torch.func import vjp


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    leaves = (hidden, weight_ih, weight_hh, bias_ih, bias_hh)

    def step(*leaves):
        return gru_forward(input, *leaves)  # noqa: F821 (the notebook's own)

    _, pull_back = vjp(step, *leaves)
    return pull_back(grad_output)
