# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    h0 = torch.zeros(1, B, self.hid_dim).to(self.device)
    c0 = torch.zeros(1, B, self.hid_dim).to(self.device)
    self.decoder.enc_hiddens, hidden, _ = self.encoder(src, h0, c0)
    cell = torch.zeros_like(hidden)  # cell은 새로 시작
    scores = torch.zeros(B, self.out_dim, L).to(self.device)
    for t in range(1, L):
        scores[:, :, t], hidden, cell = self.decoder(trg[:, t - 1].unsqueeze(1), hidden, cell)
    return scores


LSTMSeq2Seq.forward = forward
