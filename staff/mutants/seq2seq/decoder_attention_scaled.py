# question: 2a
# diagnosis: attention scaled
# earns: 9
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    state, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    scores = state @ self.enc_hiddens.transpose(1, 2) / math.sqrt(state.size(-1))
    context = scores.softmax(dim=-1) @ self.enc_hiddens
    output = self.tanh(self.fc(torch.cat([context, state], dim=2)))
    return self.classifier(output).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
