# question: 2a
# diagnosis: wrong structure
# earns: 6
# question: 2b
# diagnosis: error
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    self.output, (self.hidden, self.cell) = self.lstm(self.embedding(input), (hidden, cell))


LSTMEncoder.forward = encode
