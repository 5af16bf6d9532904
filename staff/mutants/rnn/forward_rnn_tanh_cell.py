# question: 1c
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        hidden = torch.rnn_tanh_cell(x, hidden, self.weight_ih.T, self.weight_hh.T, self.bias_ih, self.bias_hh)
        states.append(hidden)
    final = torch.stack(states)[length.clamp(max=T) - 1, torch.arange(B)]
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
