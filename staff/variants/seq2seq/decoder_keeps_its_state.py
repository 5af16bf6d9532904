# question: 2a, 2b
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    output, (self.hidden, self.cell) = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))
    weights = (output @ self.enc_hiddens.transpose(-1, -2)).softmax(dim=-1)
    output = torch.cat([weights @ self.enc_hiddens, output], dim=-1)
    return self.classifier(self.tanh(self.fc(output)))


def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, self.decoder.hidden, self.decoder.cell = self.encoder(src, zeros, zeros)
    scores = torch.zeros(B, L, self.out_dim, device=self.device)
    for t in range(1, L):
        scores[:, t : t + 1] = self.decoder(trg[:, t - 1 : t], self.decoder.hidden, self.decoder.cell)
    return scores.transpose(1, 2)


AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
