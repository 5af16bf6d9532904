# question: 2a, 2b
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    x = self.embedding(input)
    outputs, (hidden, cell) = self.lstm(x, (hidden, cell))
    return outputs, hidden.squeeze(0), cell.squeeze(0)


def decode(self, input, hidden, cell):
    # hidden, cell: (B, hid_dim)
    x = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(x, (hidden.unsqueeze(0), cell.unsqueeze(0)))
    energy = torch.bmm(self.enc_hiddens, output.transpose(1, 2)).squeeze(2)  # (B, L)
    weights = F.softmax(energy, dim=1)
    context = torch.bmm(weights.unsqueeze(1), self.enc_hiddens).squeeze(1)
    hidden, cell = hidden.squeeze(0), cell.squeeze(0)
    output = self.classifier(self.tanh(self.fc(torch.cat((context, hidden), dim=1))))
    return output, hidden, cell


LSTMEncoder.forward = encode
AttnLSTMDecoder.forward = decode
