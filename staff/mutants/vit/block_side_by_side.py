# question: 3c
# diagnosis: attention and MLP side by side
# earns: 0
# ruff: noqa: F821
class Block(nn.Module):
    def __init__(self, dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.LN1 = nn.LayerNorm(dim)
        self.LN2 = nn.LayerNorm(dim)
        self.attn = Attention(dim, num_heads, dropout)
        self.mlp = MLP(dim, mlp_dim, dropout)

    def forward(self, x):
        return x + self.attn(self.LN1(x)) + self.mlp(self.LN2(x))
