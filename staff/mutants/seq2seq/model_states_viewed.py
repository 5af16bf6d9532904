# question: 2b
# diagnosis: sentences not independent
# earns: 4
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    output, (hidden, cell) = self.lstm(self.embedding(input), (hidden, cell))
    return output.permute(1, 0, 2), hidden, cell  # (L, B, hid_dim)


def forward(self, src, trg):
    B, L = trg.shape
    h0 = torch.zeros(1, B, self.hid_dim).to(self.device)
    enc_out, h, c = self.encoder(src, h0, h0)
    self.decoder.enc_hiddens = enc_out.reshape(B, -1, self.hid_dim)
    outputs = torch.zeros(B, self.out_dim, L).to(self.device)
    for t in range(1, L):
        output, h, c = self.decoder(trg[:, t - 1].unsqueeze(1), h, c)
        outputs[:, :, t] = output
    return outputs


LSTMEncoder.forward = encode
LSTMSeq2Seq.forward = forward
