# question: 3c
# diagnosis: norm of the branch's result
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
        x = x + self.LN1(self.attn(x))
        return x + self.LN2(self.mlp(x))
