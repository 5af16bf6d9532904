# question: 3c
# diagnosis: dropout missing
# earns: 8
# ruff: noqa: F821
class MLP(nn.Module):
    def __init__(self, dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.first, self.last = nn.Linear(dim, hidden_dim), nn.Linear(hidden_dim, dim)
        self.layers = nn.Sequential(self.first, nn.GELU(), self.last)

    def forward(self, x):
        return self.layers(x)
