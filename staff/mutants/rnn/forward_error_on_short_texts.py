# question: 1c
# diagnosis: error on short texts
# earns: 8
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states.append(hidden)
    # 긴 문장과 짧은 문장을 따로 처리
    long_rows = [i for i in range(B) if length[i] >= T]
    short_rows = [i for i in range(B) if length[i] < T]
    of_long = torch.stack([states[-1][i] for i in long_rows])
    of_short = torch.stack([states[length[i] - 1][i] for i in short_rows])
    final = torch.zeros(B, self.hidden_size, device=inputs.device)
    final[long_rows] = of_long
    final[short_rows] = of_short
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
