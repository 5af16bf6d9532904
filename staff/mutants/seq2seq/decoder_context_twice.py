# question: 2a
# diagnosis: wrong values
# earns: 4
# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    weights = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=2)
    output = torch.bmm(weights, self.enc_hiddens)
    context = torch.cat([output, output], dim=2)
    return self.classifier(self.tanh(self.fc(context))).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
