# question: 2a
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    output, (hidden, cell) = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))
    e = torch.matmul(self.enc_hiddens, output.transpose(1, 2))  # (B, L, 1)
    e = torch.exp(e - e.max(dim=1, keepdim=True).values)
    alpha = e / e.sum(dim=1, keepdim=True)
    context = (alpha * self.enc_hiddens).sum(dim=1)
    z = self.fc(torch.cat((context, output.squeeze(1)), dim=1))
    return self.classifier(self.tanh(z)), hidden, cell


AttnLSTMDecoder.forward = decode
