# question: 2a, 2b
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    outputs, (hidden, cell) = self.lstm(self.embedding(input), (hidden, cell))
    return outputs.permute(1, 0, 2), hidden, cell  # (L, B, hid_dim)


def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    outputs, hidden, cell = self.encoder(src, zeros, zeros)
    self.decoder.enc_hiddens = outputs.permute(1, 0, 2)
    scores = torch.zeros(L, B, self.out_dim, device=self.device)
    for t in range(1, L):
        scores[t], hidden, cell = self.decoder(trg[:, t - 1 : t], hidden, cell)
    return scores.permute(1, 2, 0)


LSTMEncoder.forward = encode
LSTMSeq2Seq.forward = forward
