# question: 2-2-1
# ruff: noqa: F821


def window_partition(x, h, w):
    B, H, W, C = x.shape
    x = x.view(B, H // h, h, W // w, w, C)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, h * w, C)


def window_reverse(windows, h, w, H, W):
    B = windows.shape[0] // ((H // h) * (W // w))
    x = windows.view(B, H // h, W // w, h, w, -1)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(B, H, W, -1)


def window_attention(windows, num_heads, mask=None):
    B_, N, C = windows.shape
    d = C // num_heads
    q = IdentityMLP(C)(windows).view(B_, N, num_heads, d).permute(0, 2, 1, 3)
    k = IdentityMLP(C)(windows).view(B_, N, num_heads, d).permute(0, 2, 1, 3)
    v = IdentityMLP(C)(windows).view(B_, N, num_heads, d).permute(0, 2, 1, 3)
    attn = (q * d**-0.5) @ k.transpose(-2, -1)
    if mask is not None:
        nW = mask.shape[0]
        attn = attn.view(B_ // nW, nW, num_heads, N, N) + mask.unsqueeze(1).unsqueeze(0)
        attn = attn.view(-1, num_heads, N, N)
    attn = attn.softmax(dim=-1)
    return HeaderConcatMLP(C, C)((attn @ v).transpose(1, 2).reshape(B_, N, C))


def cal_window_transformer_block(x, window_size, num_heads):
    B, H, W, C = x.shape
    h, w = window_size
    shift_h, shift_w = h // 2, w // 2
    x = window_reverse(window_attention(window_partition(x, h, w), num_heads), h, w, H, W)

    img_mask = torch.zeros((1, H, W, 1))
    cnt = 0
    for rows in (slice(0, -h), slice(-h, -shift_h), slice(-shift_h, None)):
        for columns in (slice(0, -w), slice(-w, -shift_w), slice(-shift_w, None)):
            img_mask[:, rows, columns, :] = cnt
            cnt += 1
    mask_windows = window_partition(img_mask, h, w).squeeze(-1)
    attn_mask = mask_windows.unsqueeze(1) - mask_windows.unsqueeze(2)
    attn_mask = attn_mask.masked_fill(attn_mask != 0, -100.0).masked_fill(attn_mask == 0, 0.0)

    shifted = torch.roll(x, shifts=(-shift_h, -shift_w), dims=(1, 2))
    windows = window_attention(window_partition(shifted, h, w), num_heads, attn_mask)
    return torch.roll(window_reverse(windows, h, w, H, W), shifts=(shift_h, shift_w), dims=(1, 2))
