# question: 3c
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
class Block(nn.Module):
    def __init__(self, dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.LN1 = nn.LayerNorm(dim)
        self.LN2 = nn.LayerNorm(dim)
        self.layer = nn.TransformerEncoderLayer(
            dim, num_heads, mlp_dim, dropout, activation="gelu", batch_first=True, norm_first=True
        )

    def forward(self, x):
        return self.layer(x)
