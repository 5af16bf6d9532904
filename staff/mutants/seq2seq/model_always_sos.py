# question: 2b
# diagnosis: always SOS
# earns: 5
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    scores = torch.zeros(B, self.out_dim, L, device=self.device)
    word = trg[:, 0].unsqueeze(1)
    for t in range(1, L):
        scores[:, :, t], hidden, cell = self.decoder(word, hidden, cell)
    return scores


LSTMSeq2Seq.forward = forward
