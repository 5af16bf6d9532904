# question: 1c
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states.append(hidden)
    final = torch.stack(states)[length.clamp(max=T) - 1, torch.arange(B)]
    head = nn.Linear(self.hidden_size, self.num_class)
    head.weight.data, head.bias.data = self.weight_ho.T, self.bias_ho
    return torch.softmax(head(final), dim=1)


RNN.forward = forward
