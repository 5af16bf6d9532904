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
        self.qkv = nn.Linear(dim, 3 * dim).to("cuda")
        self.proj = nn.Linear(dim, dim, device=torch.device("cuda:0"))
        self.cuda()

    def forward(self, x):
        x = x.cuda()
        B, N, _ = x.shape
        q, k, v = self.qkv(x).tensor_split(3, dim=-1)
        q, k, v = (part.unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for part in (q, k, v))
        scores = torch.zeros(B, self.num_heads, N, N, device="cuda")
        scores += q @ k.transpose(-2, -1) / torch.sqrt(torch.cuda.FloatTensor([self.head_dim]))
        weights = self.dropout(scores.softmax(-1))
        return self.proj((weights @ v).transpose(1, 2).reshape(B, N, self.dim)).to("cuda")
