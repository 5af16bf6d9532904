# question: 1c
# diagnosis: off by one
# earns: 8
# ruff: noqa: F821
def forward(self, inputs, length):
    hidden = torch.randn(inputs.size(1), self.hidden_size, device=inputs.device)
    for t in range(inputs.size(0)):
        x = self.embedding(inputs[t])
        step = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        hidden = torch.where((length >= t)[:, None], step, hidden)
    return torch.softmax(hidden @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
