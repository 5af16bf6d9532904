# question: 2a
# diagnosis: wrong values
# earns: 6
# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    embedded = self.embedding(input)
    outputs = []
    for t in range(input.size(1) - 1):
        output, (hidden, cell) = self.lstm(embedded[:, t : t + 1], (hidden, cell))
        outputs.append(output)
    return torch.cat(outputs, dim=1), hidden, cell


LSTMEncoder.forward = encode
