# question: 2a
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    outputs = []
    for t in range(input.shape[1]):
        embedded = self.embedding(input[:, t]).unsqueeze(1)
        _, (hidden, cell) = self.lstm(embedded, (hidden, cell))
        outputs.append(hidden[0])
    return torch.stack(outputs, dim=1), hidden, cell


LSTMEncoder.forward = encode
