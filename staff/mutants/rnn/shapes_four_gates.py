# question: 1b
# diagnosis: wrong shapes
# earns: 0
# ruff: noqa: F821
# As an LSTM would have them.
import torch.nn.functional as F


def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        from_input = F.linear(x, self.weight_ih, self.bias_ih)
        hidden = torch.tanh(from_input + F.linear(hidden, self.weight_hh, self.bias_hh))
        states.append(hidden)
    last = length.clamp(max=T) - 1
    final = torch.stack(states)[last, torch.arange(B, device=inputs.device)]
    return torch.softmax(F.linear(final, self.weight_ho, self.bias_ho), dim=1)


RNN.forward = forward

# region: RNN.__init__
shape_weight_ih = (4 * hidden_size, input_size)
shape_bias_ih = (4 * hidden_size,)
shape_weight_hh = (4 * hidden_size, hidden_size)
shape_bias_hh = (4 * hidden_size,)
shape_weight_ho = (num_class, hidden_size)
shape_bias_ho = (num_class,)
