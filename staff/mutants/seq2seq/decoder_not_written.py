# question: 2a
# diagnosis: not written
# earns: 4
# question: 2b
# diagnosis: not written
# ruff: noqa: F821
class AttnLSTMDecoder(nn.Module):
    def __init__(self, emb_dim, hid_dim, out_dim, dropout, enc_hiddens=None):
        super().__init__()
        self.enc_hiddens = enc_hiddens
        self.embedding = nn.Embedding(out_dim, emb_dim)
        self.dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(emb_dim, hid_dim, batch_first=True)
        self.fc = nn.Linear(2 * hid_dim, hid_dim)
        self.tanh = nn.Tanh()
        self.classifier = nn.Linear(hid_dim, out_dim)

    def forward(self, input, hidden, cell):
        raise NotImplementedError("AttnLSTMDecoder.forward is not written yet")
