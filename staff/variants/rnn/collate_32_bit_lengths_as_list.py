# question: 1a
# ruff: noqa: F821
def collate_batch(batch):
    texts = [text_pipeline(text) for _, text in batch]
    T = int(torch.tensor([len(ids) for ids in texts], dtype=torch.float).mean().item())
    text = torch.IntTensor([(ids + [0] * T)[:T] for ids in texts]).t().contiguous()
    labels = torch.tensor([label_pipeline(label) for label, _ in batch], dtype=torch.int32)
    lengths = [min(len(ids), T) for ids in texts]
    return text.to(DEVICE), labels.to(DEVICE), lengths


def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states.append(hidden)
    final = torch.stack([states[min(int(length[i]), T) - 1][i] for i in range(B)])
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
