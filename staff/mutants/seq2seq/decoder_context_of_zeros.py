# question: 2a
# diagnosis: context left out
# earns: 7
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    output, (hidden, cell) = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))
    return (
        self.classifier(self.tanh(self.fc(torch.cat([torch.zeros_like(output), output], dim=2)))).squeeze(1),
        hidden,
        cell,
    )


AttnLSTMDecoder.forward = decode
