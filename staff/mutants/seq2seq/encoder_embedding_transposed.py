# question: 2a
# diagnosis: error
# earns: 6
# question: 2b
# diagnosis: error
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    embedded = self.embedding(input).permute(1, 0, 2)  # (L, B, emb_dim)
    outputs, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    return outputs.permute(1, 0, 2), hidden, cell


LSTMEncoder.forward = encode
