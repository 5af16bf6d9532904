# question: 2a, 2b
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    outputs, (_, cell) = self.lstm(self.embedding(input), (hidden, cell))
    return outputs, cell


def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    outputs, cell = self.encoder(src, zeros, zeros)
    hidden = outputs[:, -1].unsqueeze(0).contiguous()  # 마지막 출력이 곧 hidden
    self.decoder.enc_hiddens = outputs
    scores = torch.zeros(B, self.out_dim, L, device=self.device)
    for t in range(1, L):
        scores[:, :, t], hidden, cell = self.decoder(trg[:, [t - 1]], hidden, cell)
    return scores


LSTMEncoder.forward = encode
LSTMSeq2Seq.forward = forward
