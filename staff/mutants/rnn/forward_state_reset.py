# question: 1c
# diagnosis: wrong values
# earns: 0
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    states = []
    for x in self.embedding(inputs):
        hidden = torch.randn(B, self.hidden_size, device=inputs.device)
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states.append(hidden)
    final = torch.stack(states)[length.clamp(max=T) - 1, torch.arange(B)]
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
