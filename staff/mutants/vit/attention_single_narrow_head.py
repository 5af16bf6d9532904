# question: 3b
# diagnosis: single head
# earns: 5
# ruff: noqa: F821
class Attention(nn.Module):
    def __init__(self, dim, num_heads, dropout=0.0):
        super().__init__()
        self.head_dim = dim // num_heads
        self.dim = dim
        self.num_heads = num_heads
        self.scale = self.head_dim**0.5
        self.dropout = nn.Dropout(dropout)
        self.query = nn.Linear(dim, self.head_dim)
        self.key = nn.Linear(dim, self.head_dim)
        self.value = nn.Linear(dim, self.head_dim)
        self.out = nn.Linear(self.head_dim, dim)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        weights = F.softmax(q @ k.transpose(1, 2) / self.scale, dim=-1)
        return self.out(self.dropout(weights) @ v)
