# question: 2b
# diagnosis: wrong shape
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    scores = torch.zeros(B, L, self.out_dim, device=self.device)
    for t in range(1, L):
        scores[:, t], hidden, cell = self.decoder(trg[:, t - 1 : t], hidden, cell)
    return scores


LSTMSeq2Seq.forward = forward
