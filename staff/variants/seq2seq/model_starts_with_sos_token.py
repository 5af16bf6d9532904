# question: 2b
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = src.size(0), trg.size(1)
    h = c = torch.zeros(1, B, self.hid_dim).to(device)
    self.decoder.enc_hiddens, h, c = self.encoder(src, h, c)
    scores = torch.zeros(B, self.out_dim, L).to(device)
    x = torch.full((B, 1), SOS_token, dtype=torch.long).to(device)
    for t in range(1, L):
        scores[:, :, t], h, c = self.decoder(x, h, c)
        x = trg[:, t].unsqueeze(1)  # teacher forcing
    return scores


LSTMSeq2Seq.forward = forward
