# question: 1c
# diagnosis: wrong values
# earns: 0
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    states = torch.tanh(self.embedding(inputs) @ self.weight_ih + self.bias_ih + self.bias_hh)
    final = states[length.clamp(max=T) - 1, torch.arange(B)]
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
