# question: 2b
# diagnosis: not reproducible
# earns: 5
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
        word = torch.multinomial(score.softmax(1), 1)
    return scores


LSTMSeq2Seq.forward = forward
