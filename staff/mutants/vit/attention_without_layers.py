# question: 3b
# diagnosis: wrong structure
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
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x):
        weights = F.softmax(x @ x.transpose(1, 2) / self.scale, dim=-1)
        return self.dropout(weights) @ x
