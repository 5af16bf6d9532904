# question: 2a
# diagnosis: wrong values
# earns: 8
# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    output, (hidden, cell) = self.lstm(self.embedding(input), (hidden, cell))
    return output[:, -1].unsqueeze(1), hidden, cell


LSTMEncoder.forward = encode
