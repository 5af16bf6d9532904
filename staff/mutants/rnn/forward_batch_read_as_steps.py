# question: 1c
# diagnosis: error
# earns: 0
# ruff: noqa: F821
# The loop runs over the rows instead of the steps.
def forward(self, inputs, length):
    T, B = inputs.shape
    x = self.embedding(inputs)
    hidden = torch.randn(T, self.hidden_size, device=inputs.device)
    states = []
    for b in range(B):
        hidden = torch.tanh(x[:, b] @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states.append(hidden)
    final = torch.stack(states)[length.clamp(max=T) - 1, torch.arange(B)]
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
