# question: 3c
# ruff: noqa: F821
class Block(nn.Module):
    def __init__(self, dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.LN1 = nn.LayerNorm(dim)
        self.LN2 = nn.LayerNorm(dim)
        layers = nn.Linear(dim, mlp_dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(mlp_dim, dim), nn.Dropout(dropout)
        self.mlp = nn.Sequential(*layers)
        self.attn = Attention(dim, num_heads)

    def forward(self, x):
        x = torch.add(x, self.attn(self.LN1(x)))
        return torch.add(x, self.mlp(self.LN2(x)))
