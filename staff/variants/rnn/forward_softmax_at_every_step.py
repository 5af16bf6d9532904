# question: 1c
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    h = torch.randn(B, self.hidden_size, device=inputs.device)
    outputs = []
    for t in range(T):
        h = torch.tanh(self.embedding(inputs[t]) @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh)
        score = torch.exp(h @ self.weight_ho + self.bias_ho)
        outputs.append(score / score.sum(dim=1, keepdim=True))
    return torch.stack([outputs[min(n, T) - 1][i] for i, n in enumerate(length.tolist())])


RNN.forward = forward
