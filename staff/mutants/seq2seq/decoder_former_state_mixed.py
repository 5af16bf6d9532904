# question: 2a
# diagnosis: wrong values
# earns: 4
# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (h_n, c_n) = self.lstm(embedded, (hidden, cell))
    weights = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=2)
    context = torch.bmm(weights, self.enc_hiddens).squeeze(1)
    output = self.tanh(self.fc(torch.cat([context, hidden.squeeze(0)], dim=1)))
    return self.classifier(output), h_n, c_n


AttnLSTMDecoder.forward = decode
