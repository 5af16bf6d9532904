# question: 2b
# diagnosis: wrong shape
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    words = [trg[:, 0]]
    for t in range(1, L):
        score, hidden, cell = self.decoder(trg[:, t - 1 : t], hidden, cell)
        words.append(score.argmax(dim=1))
    return torch.stack(words, dim=1)


LSTMSeq2Seq.forward = forward
