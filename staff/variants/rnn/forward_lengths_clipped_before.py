# question: 1a, 1c
# ruff: noqa: F821
# forward takes it that collate_batch has cut the lengths.
def collate_batch(batch):
    texts = [text_pipeline(text) for _, text in batch]
    T = sum(map(len, texts)) // len(texts)
    text = torch.tensor([(ids + [0] * T)[:T] for ids in texts]).T
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    lengths = torch.tensor([min(len(ids), T) for ids in texts])
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)


def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states.append(hidden)
    final = torch.stack(states)[length - 1, torch.arange(B)]
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
