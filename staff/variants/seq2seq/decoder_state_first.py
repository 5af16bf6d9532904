# question: 2a, 2b
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    _, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    h = hidden.squeeze(0)  # (B, hid_dim)
    scores = torch.einsum("bh,blh->bl", h, self.enc_hiddens)
    context = torch.einsum("bl,blh->bh", scores.softmax(dim=1), self.enc_hiddens)
    out = self.classifier(self.tanh(self.fc(torch.cat([h, context], dim=1))))
    return out, hidden, cell


AttnLSTMDecoder.forward = decode
