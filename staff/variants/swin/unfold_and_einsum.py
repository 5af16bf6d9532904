# question: 2-2-1
# ruff: noqa: F821


def cal_window_transformer_block(x, window_size, num_heads):
    B, H, W, C = x.shape
    h, w = window_size
    d = C // num_heads

    def windows_of(t):  # (batch, H, W, c) -> (batch, H // h, W // w, h * w, c)
        return t.unfold(1, h, h).unfold(2, w, w).flatten(-2).transpose(-1, -2)

    def layer(t, mask):
        cut = windows_of(t)
        q = IdentityMLP(C).mlp(cut).reshape(B, H // h, W // w, h * w, num_heads, d)
        k = IdentityMLP(C).mlp(cut).reshape(B, H // h, W // w, h * w, num_heads, d)
        v = IdentityMLP(C).mlp(cut).reshape(B, H // h, W // w, h * w, num_heads, d)
        scores = torch.einsum("brcqnd,brcknd->brcnqk", q, k) / d**0.5 + mask
        attention = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
        attention = attention / attention.sum(dim=-1, keepdim=True)
        out = torch.einsum("brcnqk,brcknd->brcqnd", attention, v).reshape(B, H // h, W // w, h, w, C)
        out = HeaderConcatMLP(C, C)(out)
        return torch.cat([torch.cat(list(row.unbind(1)), dim=2) for row in out.unbind(1)], dim=1)

    row_wrapped = torch.zeros(H, W)
    row_wrapped[H - h // 2 :] = 1
    column_wrapped = torch.zeros(H, W)
    column_wrapped[:, W - w // 2 :] = 1
    flags = windows_of(torch.stack([row_wrapped, column_wrapped], dim=-1)[None])  # (1, H // h, W // w, h * w, 2)
    differ = (flags.unsqueeze(-2) != flags.unsqueeze(-3)).any(dim=-1)
    mask = torch.where(differ, -1e9, 0.0).unsqueeze(3)

    x = layer(x, 0)
    x = torch.roll(x, (-(h // 2), -(w // 2)), (1, 2))
    x = layer(x, mask)
    return torch.roll(x, (h // 2, w // 2), (1, 2))
