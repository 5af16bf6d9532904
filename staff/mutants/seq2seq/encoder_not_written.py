# question: 2a
# diagnosis: not written
# earns: 6
# question: 2b
# diagnosis: not written
# ruff: noqa: F821
class LSTMEncoder(nn.Module):
    def __init__(self, in_dim, emb_dim, hid_dim):
        super().__init__()
        self.embedding = nn.Embedding(in_dim, emb_dim)
        self.lstm = nn.LSTM(emb_dim, hid_dim, batch_first=True)

    def forward(self, input, hidden, cell):
        raise NotImplementedError("LSTMEncoder.forward is not written yet")
