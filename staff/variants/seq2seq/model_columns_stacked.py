# question: 2b
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    h, c = (torch.zeros(1, B, self.hid_dim, device=self.device) for _ in range(2))
    self.decoder.enc_hiddens, h, c = self.encoder(src, h, c)
    columns = [torch.zeros(B, self.out_dim, device=self.device)]
    for t in range(L - 1):
        score, h, c = self.decoder(trg[:, t].unsqueeze(1), h, c)
        columns.append(score)
    return torch.stack(columns, dim=2)


LSTMSeq2Seq.forward = forward
