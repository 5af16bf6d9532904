# question: 1c
# diagnosis: off by one + softmax missing
# earns: 8
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    h = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        h = torch.tanh(x @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh)
        states.append(h)
    states = torch.stack(states, dim=1)
    end = torch.minimum(length, torch.tensor(T - 1))
    return states[torch.arange(B), end] @ self.weight_ho + self.bias_ho


RNN.forward = forward
