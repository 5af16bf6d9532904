# question: 1c
# diagnosis: wrong values
# earns: 0
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    sigmoid = nn.Sigmoid()
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    final = torch.zeros_like(hidden)
    for t in range(T):
        x = self.embedding(inputs[t])
        hidden = sigmoid(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        now = length.clamp(max=T) == t + 1
        final[now] = hidden[now]
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
