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
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        B, N, _ = x.shape
        q, k, v = self.qkv(x).reshape(B, N, 3, self.head_dim, self.num_heads).permute(2, 0, 4, 1, 3)
        weights = self.dropout(F.softmax(q @ k.transpose(2, 3) / self.scale, dim=3))
        return self.proj((weights @ v).transpose(1, 2).reshape(B, N, self.dim))
