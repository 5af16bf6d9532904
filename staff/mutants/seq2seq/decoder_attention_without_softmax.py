# question: 2a
# diagnosis: attention without softmax
# earns: 7
# question: 2b
# diagnosis: attention without softmax
# earns: 4
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    weights = torch.bmm(self.enc_hiddens, output.transpose(1, 2))  # (B, L, 1)
    context = (weights * self.enc_hiddens).sum(dim=1, keepdim=True)
    output = self.tanh(self.fc(torch.cat((context, output), dim=2)))
    return self.classifier(output).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
