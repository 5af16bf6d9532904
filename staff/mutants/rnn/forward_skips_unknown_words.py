# question: 1c
# diagnosis: wrong values
# earns: 0
# ruff: noqa: F821
# Takes every id 0 for filling, though unknown words have it, too.
def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    for t in range(T):
        x = self.embedding(inputs[t])
        step = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        hidden = torch.where((inputs[t] != 0).unsqueeze(1), step, hidden)
    return torch.softmax(hidden @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
