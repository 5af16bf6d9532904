# question: 2a
# diagnosis: first state not used
# earns: 9
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    x = self.embedding(input)
    output, (hidden, cell) = self.lstm(x)
    return output, hidden, cell


LSTMEncoder.forward = encode
