# question: 2a, 2b
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    outputs, (hidden, cell) = self.lstm(self.embedding(input), (hidden, cell))
    return {"hiddens": outputs, "last": {"h": hidden, "c": cell}}


def forward(self, src, trg):
    zeros = torch.zeros(1, src.size(0), self.hid_dim, device=self.device)
    encoded = self.encoder(src, zeros, zeros)
    self.decoder.enc_hiddens = encoded["hiddens"]
    state = encoded["last"]
    columns = [torch.zeros(src.size(0), self.out_dim, device=self.device)]
    for t in range(1, trg.size(1)):
        score, state["h"], state["c"] = self.decoder(trg[:, t - 1 : t], state["h"], state["c"])
        columns.append(score)
    return torch.stack(columns, dim=-1)


LSTMEncoder.forward = encode
LSTMSeq2Seq.forward = forward
