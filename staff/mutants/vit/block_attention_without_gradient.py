# question: 3c
# diagnosis: detached
# earns: 5
# ruff: noqa: F821
class Block(nn.Module):
    def __init__(self, dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.LN1 = nn.LayerNorm(dim)
        self.LN2 = nn.LayerNorm(dim)
        self.attention, self.mlp = Attention(dim, num_heads, dropout), MLP(dim, mlp_dim, dropout)

    def forward(self, x):
        with torch.no_grad():
            attended = self.attention(self.LN1(x))
        x = x + attended
        return x + self.mlp(self.LN2(x))
