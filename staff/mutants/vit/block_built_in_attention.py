# question: 3c
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
class Block(nn.Module):
    def __init__(self, dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.LN1 = nn.LayerNorm(dim)
        self.LN2 = nn.LayerNorm(dim)
        self.attn = nn.MultiheadAttention(dim, num_heads, dropout, batch_first=True)
        self.mlp = MLP(dim, mlp_dim, dropout)

    def forward(self, x):
        y = self.LN1(x)
        x = x + self.attn(y, y, y)[0]
        return x + self.mlp(self.LN2(x))
