# question: 2a
# diagnosis: wrong values
# earns: 6
# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def forward(self, input, hidden, cell):
    # 문장을 뒤집어서 넣으면 학습이 잘 된다 (Sutskever et al.)
    embedded = self.embedding(torch.flip(input, dims=[1]))
    outputs, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    return outputs, hidden, cell


LSTMEncoder.forward = forward
