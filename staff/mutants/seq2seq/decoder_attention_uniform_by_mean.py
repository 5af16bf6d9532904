# question: 2a
# diagnosis: attention uniform
# earns: 7
# question: 2b
# diagnosis: attention uniform
# earns: 4
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    context = self.enc_hiddens.mean(dim=1)  # 문장 전체의 평균
    mixed = torch.cat([context, output.squeeze(1)], dim=1)
    return self.classifier(self.tanh(self.fc(mixed))), hidden, cell


AttnLSTMDecoder.forward = decode
