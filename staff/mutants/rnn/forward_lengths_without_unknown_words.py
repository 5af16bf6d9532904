# question: 1c
# diagnosis: unknown words not counted
# earns: 8
# ruff: noqa: F821
# Finds the last word itself and takes every id 0 for filling, though unknown words have it, too.
def forward(self, inputs, length):
    hidden = torch.randn(inputs.shape[1], self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states.append(hidden)
    last = (inputs != 0).sum(dim=0) - 1
    hidden = torch.stack(states)[last, torch.arange(inputs.shape[1], device=inputs.device)]
    return torch.softmax(hidden @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
