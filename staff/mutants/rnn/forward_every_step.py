# question: 1c
# diagnosis: wrong shape
# earns: 0
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    outputs = []
    for x in self.embedding(inputs):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        outputs.append(torch.softmax(hidden @ self.weight_ho + self.bias_ho, dim=1))
    return torch.stack(outputs)


RNN.forward = forward
