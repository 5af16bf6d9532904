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
    weights = torch.softmax(torch.einsum("kbh,blh->bkl", cell, self.enc_hiddens), dim=2)
    context = torch.einsum("bkl,blh->bkh", weights, self.enc_hiddens)
    output = self.tanh(self.fc(torch.cat([context, output], dim=2)))
    return self.classifier(output).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
