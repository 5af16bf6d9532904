# question: 2a
# diagnosis: first state not used
# earns: 9
# ruff: noqa: F821
def encoder_forward(self, input, hidden, cell):
    embedded = self.embedding(input)
    outputs, (h_n, c_n) = self.lstm(embedded, (hidden, hidden))
    return outputs, h_n, c_n


LSTMEncoder.forward = encoder_forward
