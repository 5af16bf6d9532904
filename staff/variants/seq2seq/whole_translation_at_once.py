# question: 2a, 2b
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    states, _ = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))  # (B, T, hid_dim)
    weights = torch.einsum("bth,blh->btl", states, self.enc_hiddens).softmax(dim=-1)
    context = torch.einsum("btl,blh->bth", weights, self.enc_hiddens)
    return self.classifier(self.tanh(self.fc(torch.cat([context, states], dim=-1))))


def forward(self, src, trg):
    zeros = torch.zeros(1, src.shape[0], self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    scores = self.decoder(trg[:, :-1], hidden, cell).transpose(1, 2)
    return F.pad(scores, (1, 0))


AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
