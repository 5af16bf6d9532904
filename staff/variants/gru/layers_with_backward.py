# question: 2-1-1a, 2-1-1b

import torch


class Activation:
    """A function and its derivative, in terms of its value."""

    def __init__(self, function, derivative):
        self.function, self.derivative = function, derivative

    def forward(self, x):
        self.value = self.function(x)
        return self.value

    def backward(self, grad):
        return grad * self.derivative(self.value)


def activations():
    gates = {name: Activation(torch.sigmoid, lambda s: s * (1 - s)) for name in ("reset", "update")}
    return {**gates, "new": Activation(torch.tanh, lambda t: 1 - t * t)}


def step(layers, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    i_r, i_z, i_n = (input @ weight_ih.T + bias_ih).chunk(3, 1)
    h_r, h_z, h_n = (hidden @ weight_hh.T + bias_hh).chunk(3, 1)
    r, z = layers["reset"].forward(i_r + h_r), layers["update"].forward(i_z + h_z)
    return r, z, layers["new"].forward(i_n + r * h_n), h_n


def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    _, z, n, _ = step(activations(), input, hidden, weight_ih, weight_hh, bias_ih, bias_hh)
    return z * hidden + (1 - z) * n


def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    layers = activations()
    r, z, n, h_n = step(layers, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh)
    d_n = layers["new"].backward(grad_output * (1 - z))
    d_z = layers["update"].backward(grad_output * (hidden - n))
    d_r = layers["reset"].backward(d_n * h_n)
    d_i, d_h = torch.cat([d_r, d_z, d_n], 1), torch.cat([d_r, d_z, d_n * r], 1)
    return grad_output * z + d_h @ weight_hh, d_i.T @ input, d_h.T @ hidden, d_i.sum(0), d_h.sum(0)
