# question: 2b
# diagnosis: shifted by one
# earns: 7
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    hidden = torch.zeros(1, B, self.hid_dim, device=self.device)
    cell = torch.zeros(1, B, self.hid_dim, device=self.device)
    enc_out, hidden, cell = self.encoder(src, hidden, cell)
    self.decoder.enc_hiddens = enc_out
    outputs = torch.zeros(B, self.out_dim, L, device=self.device)
    for t in range(L - 1):
        outputs[:, :, t], hidden, cell = self.decoder(trg[:, t : t + 1], hidden, cell)
    return outputs


LSTMSeq2Seq.forward = forward
