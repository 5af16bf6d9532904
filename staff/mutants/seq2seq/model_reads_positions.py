# question: 2b
# diagnosis: translations not read
# earns: 4
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    scores = torch.zeros(B, self.out_dim, L, device=self.device)
    for t in range(1, L):
        word = torch.full((B, 1), t - 1, device=self.device)
        scores[:, :, t], hidden, cell = self.decoder(word, hidden, cell)
    return scores


LSTMSeq2Seq.forward = forward
