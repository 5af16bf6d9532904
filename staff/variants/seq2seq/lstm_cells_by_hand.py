# question: 2a, 2b
# ruff: noqa: F821
def lstm_step(lstm, x, h, c):
    gates = F.linear(x, lstm.weight_ih_l0, lstm.bias_ih_l0) + F.linear(h, lstm.weight_hh_l0, lstm.bias_hh_l0)
    i, f, g, o = gates.chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def encode(self, input, hidden, cell):
    h, c = hidden[0], cell[0]
    outputs = []
    for x in self.embedding(input).unbind(dim=1):
        h, c = lstm_step(self.lstm, x, h, c)
        outputs.append(h)
    return torch.stack(outputs, dim=1), h[None], c[None]


def decode(self, input, hidden, cell):
    h, c = lstm_step(self.lstm, self.dropout(self.embedding(input[:, 0])), hidden[0], cell[0])
    weights = torch.softmax((self.enc_hiddens @ h.unsqueeze(2)).squeeze(2), dim=1)
    context = (weights[..., None] * self.enc_hiddens).sum(1)
    return self.classifier(self.tanh(self.fc(torch.hstack([context, h])))), h[None], c[None]


LSTMEncoder.forward = encode
AttnLSTMDecoder.forward = decode
