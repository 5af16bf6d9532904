# question: 3c
# ruff: noqa: F821
device = "cuda:0"


class MLP(nn.Module):
    def __init__(self, dim, hidden_dim, dropout):
        super().__init__()
        self.l2 = nn.Linear(hidden_dim, dim, device=device)
        self.l1 = nn.Linear(dim, hidden_dim, device=device)
        self.drop = nn.Dropout(p=dropout)

    def forward(self, x):
        return self.drop(self.l2(self.drop(F.gelu(self.l1(x.to(device)), approximate="tanh"))))


class Block(nn.Module):
    def __init__(self, dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.LN1 = nn.LayerNorm(dim).cuda()
        self.LN2 = nn.LayerNorm(dim).cuda()
        self.MLP = MLP(dim, mlp_dim, dropout)
        self.MHA = Attention(dim=dim, num_heads=num_heads, dropout=dropout).to(torch.device("cuda"))

    def forward(self, x):
        residual = x = x.cuda()
        x = self.MHA(self.LN1(x))
        x += residual
        residual = x.clone()
        x = self.MLP(self.LN2(x))
        x += residual
        return x
