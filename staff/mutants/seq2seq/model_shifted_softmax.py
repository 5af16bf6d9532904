# question: 2b
# diagnosis: shifted by one + probabilities
# earns: 7
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    probs = []
    for t in range(L - 1):
        score, hidden, cell = self.decoder(trg[:, t : t + 1], hidden, cell)
        probs.append(F.softmax(score, dim=-1))
    probs.append(torch.zeros(B, self.out_dim, device=self.device))
    return torch.stack(probs, dim=2)


LSTMSeq2Seq.forward = forward
