# question: 2a
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    rows = []
    for b in range(input.shape[0]):
        states = self.enc_hiddens[b]  # (L, hid_dim)
        h = output[b, 0]
        weights = F.softmax(torch.mv(states, h), dim=0)
        context = torch.mv(states.t(), weights)
        mixed = self.tanh(self.fc(torch.cat([context, h])))
        rows.append(self.classifier(mixed))
    return torch.stack(rows), hidden, cell


AttnLSTMDecoder.forward = decode
