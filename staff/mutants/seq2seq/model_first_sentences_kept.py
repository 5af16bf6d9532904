# question: 2b
# diagnosis: state kept
# earns: 5
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    hidden = torch.zeros(1, B, self.hid_dim, device=src.device)
    cell = torch.zeros(1, B, self.hid_dim, device=src.device)
    states, hidden, cell = self.encoder(src, hidden, cell)
    if self.decoder.enc_hiddens is None or self.decoder.enc_hiddens.shape != states.shape:
        self.decoder.enc_hiddens = states
    scores = torch.zeros(B, self.out_dim, L, device=src.device)
    for t in range(1, L):
        scores[:, :, t], hidden, cell = self.decoder(trg[:, t - 1 : t], hidden, cell)
    return scores


LSTMSeq2Seq.forward = forward
