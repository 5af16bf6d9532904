# question: 2a
# diagnosis: first state not used
# earns: 9
# ruff: noqa: F821
class LSTMEncoder(nn.Module):
    def __init__(self, in_dim, emb_dim, hid_dim):
        super().__init__()
        self.hid_dim = hid_dim
        self.embedding = nn.Embedding(in_dim, emb_dim)
        self.lstm = nn.LSTM(emb_dim, hid_dim, batch_first=True)

    def forward(self, input, hidden, cell):
        # 초기 상태는 0
        hidden = torch.zeros(1, input.size(0), self.hid_dim).to(device)
        cell = torch.zeros(1, input.size(0), self.hid_dim).to(device)
        outputs, (hidden, cell) = self.lstm(self.embedding(input), (hidden, cell))
        return outputs, hidden, cell
