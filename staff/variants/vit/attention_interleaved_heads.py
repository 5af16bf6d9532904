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
        self.layers = nn.ModuleList([nn.Linear(dim, dim) for _ in range(3)])
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        B, N, _ = x.shape
        q, k, v = (layer(x).reshape(B, N, self.head_dim, self.num_heads).permute(0, 3, 1, 2) for layer in self.layers)
        weights = self.dropout(F.softmax(q @ k.transpose(2, 3) / self.scale, dim=3))
        return self.out((weights @ v).permute(0, 2, 3, 1).reshape(B, N, self.dim))
