# question: 2a
# diagnosis: detached
# earns: 8
# ruff: noqa: F821
def forward(self, input, hidden, cell):
    words = self.embedding(input).detach()
    outputs, (hidden, cell) = self.lstm(words, (hidden, cell))
    return outputs, hidden, cell


LSTMEncoder.forward = forward
