# question: 1c
# diagnosis: off by one + log-softmax
# earns: 8
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    h = torch.zeros(B, self.hidden_size).to(DEVICE)
    states = []
    for t in range(T):
        h = (self.embedding(inputs[t]) @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh).tanh()
        states.append(h)
    final = torch.cat([states[min(length[i].item(), T) - 2][i : i + 1] for i in range(B)])
    return torch.log_softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
