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
        self.proj = nn.Linear(dim, dim, bias=False)
        self.qkv = nn.Linear(dim, 3 * dim)

    def forward(self, x):
        B, N, _ = x.shape
        v, q, k = self.qkv(x).view(B, N, self.num_heads, self.head_dim, 3).permute(4, 0, 2, 1, 3).unbind(0)
        weights = self.dropout(nn.Softmax(dim=-1)(q @ k.mT / self.scale))
        return self.proj((weights @ v).transpose(1, 2).contiguous().view(B, N, -1))
