# question: 3b
# diagnosis: dropout while evaluating
# earns: 0
# ruff: noqa: F821
class Attention(nn.Module):
    def __init__(self, dim, num_heads, dropout=0.0):
        super().__init__()
        self.heads = num_heads
        self.scale = (dim // num_heads) ** 0.5
        self.query, self.key, self.value = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        B, N, D = x.shape
        q, k, v = (layer(x).view(B, N, self.heads, -1).transpose(1, 2) for layer in (self.query, self.key, self.value))
        mixed = (q @ k.transpose(-2, -1) / self.scale).softmax(-1) @ v
        return self.out(F.dropout(mixed.transpose(1, 2).reshape(B, N, D), p=0.2))
