# question: 2a
# diagnosis: wrong values
# earns: 4
# question: 2b
# diagnosis: sentences not independent
# earns: 4
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    attn = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=2)
    context = torch.bmm(attn, self.enc_hiddens)
    output = self.classifier(self.tanh(self.fc(torch.cat((context, output), dim=2))))
    return F.log_softmax(output.squeeze(1), dim=0), hidden, cell


AttnLSTMDecoder.forward = decode
