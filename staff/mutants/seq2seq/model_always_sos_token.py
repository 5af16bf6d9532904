# question: 2b
# diagnosis: always SOS
# earns: 5
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    h = c = torch.zeros(1, B, self.hid_dim).to(device)
    self.decoder.enc_hiddens, h, c = self.encoder(src, h, c)
    scores = [torch.zeros(B, self.out_dim).to(device)]
    for _ in range(L - 1):
        # SOS 토큰부터 시작
        x = torch.full((B, 1), SOS_token, dtype=torch.long).to(device)
        s, h, c = self.decoder(x, h, c)
        scores.append(s)
    return torch.stack(scores, dim=-1)


LSTMSeq2Seq.forward = forward
