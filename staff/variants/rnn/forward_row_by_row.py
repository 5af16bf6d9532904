# question: 1c
# ruff: noqa: F821
# Every text by itself.
def forward(self, inputs, length):
    T, B = inputs.shape
    final = []
    for b in range(B):
        n = min(int(length[b]), T)
        h = torch.randn(self.hidden_size, device=inputs.device)
        for word in inputs[:n, b]:
            h = torch.tanh(self.embedding(word) @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh)
        final.append(torch.softmax(h @ self.weight_ho + self.bias_ho, dim=0))
    return torch.stack(final)


RNN.forward = forward
