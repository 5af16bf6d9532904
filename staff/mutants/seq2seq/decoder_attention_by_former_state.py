# question: 2a
# diagnosis: attention by the former state
# earns: 7
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    query = hidden.transpose(0, 1)
    weights = torch.softmax(torch.matmul(query, self.enc_hiddens.mT), dim=-1)
    context = torch.matmul(weights, self.enc_hiddens)
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    output = self.tanh(self.fc(torch.cat([context, output], dim=-1)))
    return self.classifier(output)[:, -1, :], hidden, cell


AttnLSTMDecoder.forward = decode
