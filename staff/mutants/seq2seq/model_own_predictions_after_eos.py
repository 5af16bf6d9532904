# question: 2b
# diagnosis: translations not read
# earns: 4
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    word = torch.full((B, 1), EOS_token, device=self.device)
    scores = [torch.zeros(B, self.out_dim, device=self.device)]
    while len(scores) < L:
        score, hidden, cell = self.decoder(word, hidden, cell)
        word = score.argmax(1, keepdim=True)
        scores.append(score)
    return torch.stack(scores, 2)


LSTMSeq2Seq.forward = forward
