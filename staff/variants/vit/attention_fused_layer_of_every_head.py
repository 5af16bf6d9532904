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
        self.out = nn.Linear(dim, dim)
        self.heads = nn.ModuleList(nn.Linear(dim, 3 * self.head_dim) for _ in range(num_heads))

    def forward(self, x):
        mixed = []
        for layer in self.heads:
            q, k, v = layer(x).split(self.head_dim, dim=-1)
            mixed.append(self.dropout(F.softmax(q @ k.mT / self.scale, dim=-1)) @ v)
        return self.out(torch.cat(mixed, dim=-1))
