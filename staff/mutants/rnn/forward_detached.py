# question: 1c
# diagnosis: detached
# earns: 5
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    h = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        h = torch.tanh(x @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh)
        states.append(h)
    last = torch.stack(states)[length.clamp(max=T) - 1, torch.arange(B)]
    return torch.softmax(last.detach() @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
