# question: 3c
# diagnosis: residual in the MLP
# earns: 0
# ruff: noqa: F821
class MLP(nn.Module):
    def __init__(self, dim, hidden_dim, dropout=0.0):
        super().__init__()
        first, last = nn.Linear(dim, hidden_dim), nn.Linear(hidden_dim, dim)
        self.layers = nn.Sequential(first, nn.GELU(), nn.Dropout(dropout), last, nn.Dropout(dropout))

    def forward(self, x):
        return x + self.layers(x)
