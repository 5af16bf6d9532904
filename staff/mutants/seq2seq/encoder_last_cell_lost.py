# question: 2a
# diagnosis: wrong values
# earns: 9
# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def encoder_forward(self, input, hidden, cell):
    outputs, (hidden, _) = self.lstm(self.embedding(input), (hidden, cell))
    return outputs, hidden, cell


LSTMEncoder.forward = encoder_forward
