# question: 2a
# diagnosis: wrong values
# earns: 8
# question: 2b
# diagnosis: sentences not independent
# earns: 4
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    B, L = input.shape
    output, (hidden, cell) = self.lstm(self.embedding(input), (hidden, cell))
    output = output.permute(1, 0, 2).contiguous()
    return output.view(B, L, -1), hidden, cell


LSTMEncoder.forward = encode
