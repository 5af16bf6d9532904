# question: 2a, 2b
# ruff: noqa: F821
class AttnLSTMDecoder(nn.Module):
    def __init__(self, emb_dim, hid_dim, out_dim, dropout, enc_hiddens=None):
        super().__init__()
        self.enc_hiddens = enc_hiddens
        self.enc_mask = None
        self.embedding = nn.Embedding(out_dim, emb_dim)
        self.dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(emb_dim, hid_dim, batch_first=True)
        self.fc = nn.Linear(2 * hid_dim, hid_dim)
        self.tanh = nn.Tanh()
        self.classifier = nn.Linear(hid_dim, out_dim)

    def attend(self, query):
        energy = (query * self.enc_hiddens).sum(-1)  # (B, L)
        if self.enc_mask is not None:
            energy = torch.where(self.enc_mask, energy, torch.full_like(energy, -1e10))
        return (energy.softmax(-1).unsqueeze(-1) * self.enc_hiddens).sum(1)

    def forward(self, input, hidden, cell):
        out, (hidden, cell) = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))
        context = self.attend(out)
        out = self.tanh(self.fc(torch.cat([out[:, 0], context], dim=-1)))
        return self.classifier(out), hidden, cell


def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    self.decoder.enc_mask = src.ne(PAD_token)
    scores = torch.zeros(B, self.out_dim, L, device=self.device)
    for t in range(1, L):
        scores[:, :, t], hidden, cell = self.decoder(trg[:, t - 1 : t], hidden, cell)
    return scores


LSTMSeq2Seq.forward = forward
