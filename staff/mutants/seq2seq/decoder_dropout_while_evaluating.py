# question: 2a
# diagnosis: wrong values
# earns: 4
# question: 2b
# diagnosis: not reproducible
# earns: 5
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = F.dropout(self.embedding(input), 0.1)  # F.dropout always drops, unless it is told not to
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    attn = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=2)
    context = torch.bmm(attn, self.enc_hiddens)
    output = self.tanh(self.fc(torch.cat((context, output), dim=2)))
    return self.classifier(output).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
