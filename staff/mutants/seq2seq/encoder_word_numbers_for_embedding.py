# question: 2a
# diagnosis: wrong values
# earns: 6
# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def forward(self, input, hidden, cell):
    x = input.unsqueeze(-1).float()  # (B, L, 1)
    x = x.expand(-1, -1, self.lstm.input_size)
    outputs, (hidden, cell) = self.lstm(x, (hidden, cell))
    return outputs, hidden, cell


LSTMEncoder.forward = forward
