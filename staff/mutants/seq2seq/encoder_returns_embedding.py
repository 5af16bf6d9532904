# question: 2a
# diagnosis: wrong values
# earns: 8
# question: 2b
# diagnosis: error
# ruff: noqa: F821
def encoder_forward(self, input, hidden, cell):
    output = self.embedding(input)
    _, (hidden, cell) = self.lstm(output, (hidden, cell))
    return output, hidden, cell


LSTMEncoder.forward = encoder_forward
