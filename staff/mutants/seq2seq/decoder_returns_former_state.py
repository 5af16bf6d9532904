# question: 2b
# diagnosis: state not carried
# earns: 5
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, _ = self.lstm(embedded, (hidden, cell))
    attn = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=2)
    context = torch.bmm(attn, self.enc_hiddens)
    output = self.tanh(self.fc(torch.cat((context, output), dim=2)))
    return self.classifier(output).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
