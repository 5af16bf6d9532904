# question: 1c
# diagnosis: softmax missing
# earns: 8
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    outputs = []
    for x in self.embedding(inputs):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        outputs.append(hidden @ self.weight_ho + self.bias_ho)
    # 각 문장의 마지막 단어에서의 출력
    return torch.stack([outputs[min(int(length[b]), T) - 1][b] for b in range(B)])


RNN.forward = forward
