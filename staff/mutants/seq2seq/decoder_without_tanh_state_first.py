# question: 2a
# diagnosis: tanh missing
# earns: 7
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    _, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    query = hidden[-1]  # (B, hid_dim)
    alpha = torch.einsum("bh,blh->bl", query, self.enc_hiddens).softmax(dim=1)
    context = torch.einsum("bl,blh->bh", alpha, self.enc_hiddens)
    return self.classifier(self.fc(torch.cat([query, context], 1))), hidden, cell


AttnLSTMDecoder.forward = decode
