# question: 3b
# ruff: noqa: F821
class Attention(nn.Module):
    def __init__(self, dim, num_heads, dropout=0.0):
        super().__init__()
        self.head_dim = dim // num_heads
        self.dim = dim
        self.num_heads = num_heads
        self.scale = self.head_dim**0.5
        self.dropout = nn.Dropout(dropout)
        self.to_out = nn.Linear(dim, dim)
        self.to_v = nn.Linear(dim, dim, bias=False)
        self.to_k = nn.Linear(dim, dim, bias=False)
        self.to_q = nn.Linear(dim, dim, bias=False)

    def forward(self, x):
        split = (x.shape[0], x.shape[1], self.num_heads, self.head_dim)
        q, k, v = (layer(x).reshape(split) for layer in (self.to_q, self.to_k, self.to_v))
        scores = torch.einsum("bihd,bjhd->bhij", q, k) / self.scale
        mixed = torch.einsum("bhij,bjhd->bihd", self.dropout(torch.softmax(scores, -1)), v)
        return self.to_out(mixed.reshape(x.shape))
