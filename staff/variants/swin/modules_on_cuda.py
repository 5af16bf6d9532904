# question: 2-2-1
# ruff: noqa: F821
device = torch.device("cuda")


class WindowAttention(nn.Module):
    """One module for queries, keys and values, since all their weights are the same."""

    def __init__(self, dim, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.qkv = IdentityMLP(dim)
        self.proj = HeaderConcatMLP(dim, dim)
        self.scale = (dim // num_heads) ** 0.5

    def forward(self, x, mask):
        B, nW, N, C = x.shape
        q = k = v = self.qkv(x).reshape(B, nW, N, self.num_heads, -1).permute(0, 3, 1, 2, 4)
        scores = torch.matmul(q, k.permute(0, 1, 2, 4, 3)) / self.scale
        if mask is not None:
            scores = scores.masked_fill(mask, float("-inf"))
        out = torch.matmul(nn.Softmax(dim=-1)(scores), v)
        return self.proj(out.permute(0, 2, 3, 1, 4).flatten(3))


class SwinBlock(nn.Module):
    def __init__(self, dim, window_size, num_heads, shifted):
        super().__init__()
        self.h, self.w = window_size
        self.shift = (self.h // 2, self.w // 2) if shifted else (0, 0)
        self.attention = WindowAttention(dim, num_heads).cuda()

    def cut(self, x):
        B, H, W, C = x.shape
        x = x.reshape(B, H // self.h, self.h, W // self.w, self.w, C).swapaxes(2, 3)
        return x.reshape(B, -1, self.h * self.w, C)

    def mask(self, H, W):
        number = torch.zeros(1, H, W, 1, device="cuda")
        if self.shift[0]:
            number[:, -self.shift[0] :] += 1
        if self.shift[1]:
            number[:, :, -self.shift[1] :] += 2
        number = self.cut(number).squeeze(-1)
        return number.unsqueeze(-1) != number.unsqueeze(-2)

    def forward(self, x):
        B, H, W, C = x.shape
        up, left = self.shift
        windows = self.cut(torch.roll(x, (-up, -left), dims=(1, 2)))
        out = self.attention(windows, self.mask(H, W))
        out = out.reshape(B, H // self.h, W // self.w, self.h, self.w, C).swapaxes(2, 3).reshape(B, H, W, C)
        return torch.roll(out, (up, left), dims=(1, 2))


def cal_window_transformer_block(x, window_size, num_heads):
    x = x.to(device)
    C = x.size(-1)
    blocks = nn.Sequential(
        SwinBlock(C, window_size, num_heads, shifted=False), SwinBlock(C, window_size, num_heads, shifted=True)
    ).to("cuda")
    with torch.no_grad():
        return blocks(x)
