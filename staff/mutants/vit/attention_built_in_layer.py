# question: 3b
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
class Attention(nn.Module):
    def __init__(self, dim, num_heads, dropout=0.0):
        super().__init__()
        self.head_dim = dim // num_heads
        self.dim = dim
        self.num_heads = num_heads
        self.scale = self.head_dim**0.5
        self.dropout = nn.Dropout(dropout)
        self.attention = nn.MultiheadAttention(dim, num_heads, dropout, batch_first=True)

    def forward(self, x):
        return self.attention(x, x, x)[0]
