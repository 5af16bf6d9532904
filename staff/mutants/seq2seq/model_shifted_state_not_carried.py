# question: 2b
# diagnosis: shifted by one + state not carried
# earns: 5
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim).to(self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    return torch.stack([self.decoder(trg[:, t : t + 1], hidden, cell)[0] for t in range(L - 1)], dim=2)


LSTMSeq2Seq.forward = forward
