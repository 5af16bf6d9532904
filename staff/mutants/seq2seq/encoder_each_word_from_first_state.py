# question: 2a
# diagnosis: wrong values
# earns: 6
# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    outputs = []
    for word in input.t():
        _, (h, c) = self.lstm(self.embedding(word).unsqueeze(1), (hidden, cell))
        outputs.append(h.squeeze(0))
    return torch.stack(outputs, dim=1), h, c


LSTMEncoder.forward = encode
