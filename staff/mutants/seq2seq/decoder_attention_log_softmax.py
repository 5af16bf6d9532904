# question: 2a
# diagnosis: wrong values
# earns: 4
# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    state, (hidden, cell) = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))
    attn = F.log_softmax(state @ self.enc_hiddens.transpose(1, 2), dim=2)
    context = attn @ self.enc_hiddens
    mixed = self.tanh(self.fc(torch.cat([context, state], dim=2)))
    return self.classifier(mixed).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
