# question: 3b
# ruff: noqa: F821
class Attention(nn.Module):
    def __init__(self, dim, num_heads, dropout=0.0):
        super().__init__()
        self.head_dim = dim // num_heads
        self.dim = dim
        self.num_heads = num_heads
        self.scale = self.head_dim**0.5
        self.dropout = nn.Dropout(dropout)
        self.queries = nn.ModuleList([nn.Linear(dim, self.head_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(dim, self.head_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(dim, self.head_dim) for _ in range(num_heads)])
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values, strict=True):
            weights = self.dropout(torch.softmax(query(x) @ key(x).transpose(1, 2) / self.scale, dim=-1))
            heads.append(weights @ value(x))
        return self.out(torch.cat(heads, dim=-1))
