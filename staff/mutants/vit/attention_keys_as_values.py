# question: 3b
# diagnosis: values are the keys
# earns: 0
# ruff: noqa: F821
class Attention(nn.Module):
    def __init__(self, dim, num_heads, dropout=0.0):
        super().__init__()
        self.num_heads, self.scale = num_heads, (dim // num_heads) ** 0.5
        self.dropout = nn.Dropout(dropout)
        self.qkv, self.out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x):
        B, N, D = x.shape
        q, k, _ = self.qkv(x).view(B, N, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4)
        weights = self.dropout((q @ k.mT / self.scale).softmax(dim=-1))
        return self.out((weights @ k).transpose(1, 2).reshape(B, N, D))
