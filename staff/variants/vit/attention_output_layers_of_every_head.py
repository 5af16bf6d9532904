# question: 3b
# ruff: noqa: F821
class Attention(nn.Module):
    def __init__(self, dim, num_heads, dropout=0.0):
        super().__init__()
        self.scale = (dim // num_heads) ** 0.5
        self.num_heads, self.dropout = num_heads, nn.Dropout(dropout)
        self.outs = nn.ModuleList([nn.Linear(dim // num_heads, dim) for _ in range(num_heads)])
        self.qkv = nn.Linear(dim, 3 * dim)

    def forward(self, x):
        B, N, _ = x.shape
        q, k, v = self.qkv(x).view(B, N, 3, self.num_heads, -1).permute(2, 3, 0, 1, 4)  # (heads, B, N, d)
        heads = self.dropout((q @ k.mT / self.scale).softmax(-1)) @ v
        result = self.outs[0](heads[0])
        for out, head in zip(self.outs[1:], heads[1:], strict=True):
            result = result + out(head)
        return result
