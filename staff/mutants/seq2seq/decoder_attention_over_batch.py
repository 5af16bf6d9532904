# question: 2a
# diagnosis: attention over the batch
# earns: 7
# question: 2b
# diagnosis: attention over the batch
# earns: 4
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    scores = torch.bmm(output, self.enc_hiddens.transpose(1, 2)).squeeze(1)
    weights = F.softmax(scores, dim=0).unsqueeze(1)
    context = torch.bmm(weights, self.enc_hiddens)
    output = self.tanh(self.fc(torch.cat((context, output), dim=2)))
    return self.classifier(output).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
