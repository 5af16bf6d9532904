# question: 2a, 2b
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    outputs, (hidden, cell) = self.lstm(self.embedding(input), (hidden, cell))
    return outputs.transpose(0, 1), hidden, cell


def decode(self, input, hidden, cell):
    # enc_hiddens: (L, B, hid_dim)
    output, (hidden, cell) = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))
    output = output.transpose(0, 1)  # (1, B, hid_dim)
    weights = F.softmax(torch.sum(output * self.enc_hiddens, dim=2), dim=0)
    context = torch.sum(weights.unsqueeze(2) * self.enc_hiddens, dim=0)
    output = self.tanh(self.fc(torch.cat([context, output[0]], dim=1)))
    return self.classifier(output), hidden, cell


LSTMEncoder.forward = encode
AttnLSTMDecoder.forward = decode
