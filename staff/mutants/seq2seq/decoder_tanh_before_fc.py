# question: 2a
# diagnosis: tanh before fc
# earns: 7
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    weights = (output @ self.enc_hiddens.mT).softmax(-1)
    concat = torch.cat((weights @ self.enc_hiddens, output), dim=2).squeeze(1)
    return self.classifier(self.fc(self.tanh(concat))), hidden, cell


AttnLSTMDecoder.forward = decode
