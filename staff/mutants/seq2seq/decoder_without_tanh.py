# question: 2a
# diagnosis: tanh missing
# earns: 7
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    attn = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=-1)
    context = torch.bmm(attn, self.enc_hiddens)
    output = self.fc(torch.cat((context, output), dim=-1))
    return self.classifier(output).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
