# question: 2a
# diagnosis: probabilities
# earns: 8
# question: 2b
# diagnosis: probabilities
# earns: 8
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    attn = torch.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=2)
    context = torch.bmm(attn, self.enc_hiddens)
    output = self.tanh(self.fc(torch.cat((context, output), dim=2))).squeeze(1)
    return F.softmax(self.classifier(output), dim=1), hidden, cell


AttnLSTMDecoder.forward = decode
