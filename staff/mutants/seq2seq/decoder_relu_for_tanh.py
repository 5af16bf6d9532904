# question: 2a
# diagnosis: ReLU for tanh
# earns: 7
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    weights = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=2)
    context = torch.bmm(weights, self.enc_hiddens)
    output = F.relu(self.fc(torch.cat((context, output), dim=2)))
    return self.classifier(output).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
