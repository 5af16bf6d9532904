# question: 2a
# diagnosis: wrong values
# earns: 8
# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def encoder_forward(self, input, hidden, cell):
    embedded = self.embedding(input)
    outputs, _ = self.lstm(embedded, (hidden, cell))
    return outputs, hidden, cell


LSTMEncoder.forward = encoder_forward
