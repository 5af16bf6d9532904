# question: 2a
# diagnosis: detached
# earns: 7
# ruff: noqa: F821
def forward(self, input, hidden, cell):
    state, (hidden, cell) = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))
    weights = torch.softmax(state @ self.enc_hiddens.mT, dim=-1).detach()
    joined = torch.cat([weights @ self.enc_hiddens, state], dim=-1)
    return self.classifier(self.tanh(self.fc(joined))).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = forward
