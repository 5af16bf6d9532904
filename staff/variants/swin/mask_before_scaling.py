# question: 2-2-1
# ruff: noqa: F821
def cal_window_transformer_block(x, window_size, num_heads):
    B, H, W, C = x.shape
    h, w = window_size
    head_dim = C // num_heads
    to_q, to_k, to_v, merge = IdentityMLP(C), IdentityMLP(C), IdentityMLP(C), HeaderConcatMLP(C, C)

    def cut(t):
        strips = torch.stack(t.split(h, dim=1), dim=1)  # (B, H // h, h, W, C)
        return torch.stack(strips.split(w, dim=3), dim=2)  # (B, H // h, W // w, h, w, C)

    def paste(t):
        return torch.cat([torch.cat([t[:, i, j] for j in range(W // w)], 2) for i in range(H // h)], 1)

    def attention(t, mask):
        t = cut(t).flatten(3, 4)
        results = []
        for q, k, v in zip(*[m(t).split(head_dim, dim=-1) for m in (to_q, to_k, to_v)], strict=True):
            results.append(torch.softmax((q @ k.transpose(-1, -2) + mask) / head_dim**0.5, dim=-1) @ v)
        return paste(merge(torch.cat(results, dim=-1)).unflatten(3, (h, w)))

    number = torch.zeros(1, H, W, 1)
    number[:, H - h // 2 :, : W - w // 2] = 1
    number[:, : H - h // 2, W - w // 2 :] = 2
    number[:, H - h // 2 :, W - w // 2 :] = 3
    number = cut(number).flatten(3)
    mask = (number[..., None] - number[..., None, :]).ne(0) * -100.0

    y = attention(x, torch.zeros(h * w, h * w))
    y = torch.cat((y[:, h // 2 :], y[:, : h // 2]), dim=1)
    y = torch.cat((y[:, :, w // 2 :], y[:, :, : w // 2]), dim=2)
    y = attention(y, mask)
    y = torch.cat((y[:, H - h // 2 :], y[:, : H - h // 2]), dim=1)
    return torch.cat((y[:, :, W - w // 2 :], y[:, :, : W - w // 2]), dim=2)
