# question: 2b
# diagnosis: shifted by one + own predictions fed
# earns: 5
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    scores, word = [], trg[:, :1]
    for _ in range(L):
        score, hidden, cell = self.decoder(word, hidden, cell)
        scores.append(score)
        word = score.max(1)[1].unsqueeze(1)
    return torch.stack(scores, dim=2)


LSTMSeq2Seq.forward = forward
