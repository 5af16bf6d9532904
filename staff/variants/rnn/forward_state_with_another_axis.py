# question: 1c
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    x = self.embedding(inputs)
    hidden = torch.zeros(1, B, self.hidden_size, device=inputs.device)  # as nn.RNN has it
    states = []
    for t in range(T):
        hidden = torch.tanh(x[t : t + 1] @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states.append(hidden)
    states = torch.cat(states, dim=0)
    last = torch.where(length < T, length, T) - 1
    rows = [states[i, b] for b, i in enumerate(last.tolist())]
    return torch.softmax(torch.stack(rows) @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
