# question: 2b
# diagnosis: filled up sentences
# earns: 8
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    out, (hidden, cell) = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))
    score = torch.einsum("bqh,blh->bql", out, self.enc_hiddens)
    if getattr(self, "mask", None) is not None:
        score = score.masked_fill(self.mask, -1e9)
    context = score.softmax(-1) @ self.enc_hiddens
    return self.classifier(self.tanh(self.fc(torch.cat([context, out], -1)))).squeeze(1), hidden, cell


def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    self.decoder.mask = (src == PAD_token).any(dim=0)  # 한 문장이라도 PAD이면
    scores = torch.zeros(B, self.out_dim, L, device=self.device)
    for t in range(1, L):
        scores[:, :, t], hidden, cell = self.decoder(trg[:, t - 1 : t], hidden, cell)
    return scores


AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
