# question: 2a, 2b
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    outputs, (hidden, cell) = self.lstm(self.embedding(input), (hidden, cell))
    return outputs, torch.cat([hidden, cell])


def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, state = self.encoder(src, zeros, zeros)
    hidden, cell = state.chunk(2)
    scores = torch.zeros(B, self.out_dim, L, device=self.device)
    for t in range(1, L):
        scores[:, :, t], hidden, cell = self.decoder(trg[:, t - 1 : t], hidden.contiguous(), cell.contiguous())
    return scores


LSTMEncoder.forward = encode
LSTMSeq2Seq.forward = forward
