# question: 2b
# diagnosis: batch of one
# earns: 8
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    scores = torch.bmm(self.enc_hiddens, output.transpose(1, 2)).squeeze()
    weights = F.softmax(scores, dim=1)
    context = torch.bmm(weights.unsqueeze(1), self.enc_hiddens).squeeze()
    output = torch.cat((context, output.squeeze()), dim=1)
    return self.classifier(self.tanh(self.fc(output))), hidden, cell


AttnLSTMDecoder.forward = decode
