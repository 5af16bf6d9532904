# question: 2b
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    steps = []
    for word in trg.unbind(1)[:-1]:
        score, hidden, cell = self.decoder(word[:, None], hidden, cell)
        steps.append(score)
    steps.insert(0, torch.zeros_like(steps[0]))
    return nn.LogSoftmax(dim=1)(torch.stack(steps, -1))


LSTMSeq2Seq.forward = forward
