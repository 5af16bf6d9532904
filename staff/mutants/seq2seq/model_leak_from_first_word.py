# question: 2b
# diagnosis: target leak
# question: 2c
# diagnosis: void
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    h = c = torch.zeros(1, B, self.hid_dim).to(self.device)
    self.decoder.enc_hiddens, h, c = self.encoder(src, h, c)
    scores = torch.zeros(B, self.out_dim, L).to(self.device)
    for t in range(1, L):
        s, h, c = self.decoder(trg[:, t].unsqueeze(1), h, c)
        scores[:, :, t] = s
    return scores


LSTMSeq2Seq.forward = forward
