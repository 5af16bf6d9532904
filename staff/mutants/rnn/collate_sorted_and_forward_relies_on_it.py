# question: 1a
# diagnosis: batch sorted
# earns: 2
# ruff: noqa: F821
# forward shrinks the batch step by step, as sorted texts allow; it is right for the batches that it gets.
def collate_batch(batch):
    rows = sorted([(len(text_pipeline(text)), label, text) for label, text in batch], reverse=True)
    T = sum(n for n, _, _ in rows) // len(rows)
    text = torch.zeros(T, len(rows), dtype=torch.long)
    for i, (_, _, sentence) in enumerate(rows):
        ids = text_pipeline(sentence)[:T]
        text[: len(ids), i] = torch.tensor(ids)
    labels = torch.tensor([label_pipeline(label) for _, label, _ in rows])
    lengths = torch.tensor([n for n, _, _ in rows])
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)


def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    for t, x in enumerate(self.embedding(inputs)):
        n = int((length > t).sum())  # 아직 끝나지 않은 문장의 수
        step = torch.tanh(x[:n] @ self.weight_ih + self.bias_ih + hidden[:n] @ self.weight_hh + self.bias_hh)
        hidden = torch.cat([step, hidden[n:]])
    return torch.softmax(hidden @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
