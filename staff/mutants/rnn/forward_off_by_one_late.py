# question: 1c
# diagnosis: off by one
# earns: 8
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    states = torch.zeros(T, B, self.hidden_size, device=inputs.device)
    for t, x in enumerate(self.embedding(inputs)):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states[t] = hidden
    index = length.clamp(max=T - 1).view(1, B, 1).expand(1, B, self.hidden_size)
    final = states.gather(0, index).squeeze(0)
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
