# question: 2b
# diagnosis: state not carried
# earns: 5
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, enc_hidden, cell = self.encoder(src, zeros, zeros)
    scores = torch.zeros(L, B, self.out_dim, device=self.device)
    for t in range(1, L):
        scores[t], hidden, cell = self.decoder(trg[:, [t - 1]], enc_hidden, cell)
    return scores.permute(1, 2, 0)


LSTMSeq2Seq.forward = forward
