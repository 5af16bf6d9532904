# question: 2b
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    scores = torch.zeros(B, self.out_dim, L, device=self.device)
    word = trg[:, :1]
    for t in range(1, L):
        score, hidden, cell = self.decoder(word, hidden, cell)
        scores[:, :, t] = score
        word = trg[:, t : t + 1] if self.training else score.argmax(dim=1, keepdim=True)
    return scores


LSTMSeq2Seq.forward = forward
