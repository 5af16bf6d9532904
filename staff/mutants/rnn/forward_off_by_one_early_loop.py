# question: 1c
# diagnosis: off by one
# earns: 8
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    length = length.clamp(max=T)
    embedded = self.embedding(inputs)
    hidden = torch.zeros(B, self.hidden_size, device=inputs.device)
    for t in range(T):
        new = torch.tanh(embedded[t] @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        running = (t < length - 1).float().unsqueeze(1)
        hidden = running * new + (1 - running) * hidden
    return torch.softmax(hidden @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
