# question: 2a, 2b
# ruff: noqa: F821
class LSTMEncoder(nn.Module):
    def __init__(self, in_dim, emb_dim, hid_dim):
        super().__init__()
        self.word_vectors = nn.Embedding(in_dim, emb_dim)
        self.rnn = nn.LSTM(emb_dim, hid_dim, batch_first=True)

    def forward(self, input, hidden, cell):
        states, last = self.rnn(self.word_vectors(input), (hidden, cell))
        return states, *last


class AttnLSTMDecoder(nn.Module):
    def __init__(self, emb_dim, hid_dim, out_dim, dropout, enc_hiddens=None):
        super().__init__()
        self.enc_hiddens = enc_hiddens
        self.word_vectors = nn.Sequential(nn.Embedding(out_dim, emb_dim), nn.Dropout(dropout))
        self.rnn = nn.LSTM(emb_dim, hid_dim, batch_first=True)
        self.attn_combine = nn.Sequential(nn.Linear(hid_dim * 2, hid_dim), nn.Tanh())
        self.out = nn.Linear(hid_dim, out_dim)

    def forward(self, input, hidden, cell):
        output, (hidden, cell) = self.rnn(self.word_vectors(input), (hidden, cell))
        attn = torch.softmax(output.bmm(self.enc_hiddens.permute(0, 2, 1)), dim=2)
        output = self.attn_combine(torch.cat([attn.bmm(self.enc_hiddens), output], dim=2))
        return self.out(output)[:, 0], hidden, cell
