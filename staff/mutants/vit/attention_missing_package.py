# question: 3b
# diagnosis: additional module
# earns: 0
# ruff: noqa: F821
class Attention(nn.Module):
    def __init__(self, dim, num_heads, dropout=0.0):
        super().__init__()
        self.head_dim = dim // num_heads
        self.num_heads = num_heads
        self.fused = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        from a_package_that_nobody_has import split_heads

        q, k, v = split_heads(self.fused(x), self.num_heads)
        weights = F.softmax(q @ k.transpose(-2, -1) / self.head_dim**0.5, dim=-1)
        return self.out((weights @ v).transpose(1, 2).flatten(2))
