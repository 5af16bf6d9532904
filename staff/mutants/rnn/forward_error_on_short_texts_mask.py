# question: 1c
# diagnosis: error on short texts
# earns: 8
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    length = length.clamp(max=T)
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states.append(hidden)
    steps = torch.arange(length.max().item(), device=inputs.device).unsqueeze(1)  # as many as the longest text has
    mask = (steps == length - 1).unsqueeze(2)
    final = (torch.stack(states) * mask).sum(0)
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
