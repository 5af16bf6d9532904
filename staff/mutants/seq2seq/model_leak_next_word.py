# question: 2b
# diagnosis: shifted by one + target leak
# question: 2c
# diagnosis: void
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    scores = torch.zeros(B, self.out_dim, L, device=self.device)
    for t in range(L - 1):
        scores[:, :, t], hidden, cell = self.decoder(trg[:, t + 1].unsqueeze(1), hidden, cell)
    return scores


LSTMSeq2Seq.forward = forward
