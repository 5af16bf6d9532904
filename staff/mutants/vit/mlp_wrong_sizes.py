# question: 3c
# diagnosis: wrong structure
# earns: 0
# ruff: noqa: F821
class MLP(nn.Module):
    def __init__(self, dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden_dim)
        self.fc2 = nn.Linear(dim, hidden_dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))
