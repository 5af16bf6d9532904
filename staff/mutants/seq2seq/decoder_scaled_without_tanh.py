# question: 2a
# diagnosis: attention scaled + tanh missing
# earns: 7
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    state, (hidden, cell) = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))
    scale = state.shape[-1] ** -0.5
    attn = F.softmax(scale * (state @ self.enc_hiddens.mT), dim=-1)
    context = attn @ self.enc_hiddens
    return self.classifier(self.fc(torch.cat([context, state], -1))).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
