# question: 3c
# ruff: noqa: F821
class Block(nn.Module):
    def __init__(self, dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.attention = nn.ModuleDict({"norm": nn.LayerNorm(dim), "layer": Attention(dim, num_heads, dropout)})
        self.feed_forward = nn.Sequential(nn.LayerNorm(dim), MLP(dim, mlp_dim, dropout))

    def forward(self, x):
        x = x + self.attention["layer"](self.attention["norm"](x))
        return x + self.feed_forward(x)
