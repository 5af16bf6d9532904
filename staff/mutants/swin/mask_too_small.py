# question: 2-2-1
# diagnosis: mask too small
# earns: 24
# ruff: noqa: F821


def window_partition(x, h, w):
    B, H, W, C = x.shape
    x = x.view(B, H // h, h, W // w, w, C)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, h * w, C)


def window_reverse(windows, h, w, H, W):
    x = windows.view(-1, H // h, W // w, h, w, windows.shape[-1])
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, H, W, windows.shape[-1])


def window_attention(windows, num_heads, mask=None):
    B_, N, C = windows.shape
    d = C // num_heads
    q = IdentityMLP(C)(windows).view(B_, N, num_heads, d).transpose(1, 2)
    k = IdentityMLP(C)(windows).view(B_, N, num_heads, d).transpose(1, 2)
    v = IdentityMLP(C)(windows).view(B_, N, num_heads, d).transpose(1, 2)
    attn = (q @ k.transpose(-2, -1)) / d**0.5
    if mask is not None:
        nW = mask.shape[0]
        attn = attn.view(-1, nW, num_heads, N, N) + mask[None, :, None]
        attn = attn.view(-1, num_heads, N, N)
    attn = attn.softmax(dim=-1)
    return HeaderConcatMLP(C, C)((attn @ v).transpose(1, 2).reshape(B_, N, C))


def shifted_window_mask(H, W, h, w):
    img_mask = torch.zeros((1, H, W, 1))
    cnt = 0
    for rows in (slice(0, -h), slice(-h, -(h // 2)), slice(-(h // 2), None)):
        for columns in (slice(0, -w), slice(-w, -(w // 2)), slice(-(w // 2), None)):
            img_mask[:, rows, columns] = cnt
            cnt += 1
    region = window_partition(img_mask, h, w).squeeze(-1)
    difference = region.unsqueeze(1) - region.unsqueeze(2)
    return (difference != 0) * -30.0


def cal_window_transformer_block(x, window_size, num_heads):
    B, H, W, C = x.shape
    h, w = window_size
    x = window_reverse(window_attention(window_partition(x, h, w), num_heads), h, w, H, W)
    mask = shifted_window_mask(H, W, h, w)
    shifted = torch.roll(x, shifts=(-(h // 2), -(w // 2)), dims=(1, 2))
    shifted = window_reverse(window_attention(window_partition(shifted, h, w), num_heads, mask), h, w, H, W)
    return torch.roll(shifted, shifts=(h // 2, w // 2), dims=(1, 2))
