# question: 2-2-1
# diagnosis: no shift
# earns: 10
# ruff: noqa: F821


def window_partition(x, h, w):
    B, H, W, C = x.shape
    x = x.view(B, H // h, h, W // w, w, C)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, h * w, C)


def window_reverse(windows, h, w, H, W):
    x = windows.view(-1, H // h, W // w, h, w, windows.shape[-1])
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, H, W, windows.shape[-1])


def window_attention(windows, num_heads):
    B_, N, C = windows.shape
    d = C // num_heads
    q = IdentityMLP(C)(windows).view(B_, N, num_heads, d).transpose(1, 2)
    k = IdentityMLP(C)(windows).view(B_, N, num_heads, d).transpose(1, 2)
    v = IdentityMLP(C)(windows).view(B_, N, num_heads, d).transpose(1, 2)
    attn = (q @ k.transpose(-2, -1)) / d**0.5
    attn = attn.softmax(dim=-1)
    return HeaderConcatMLP(C, C)((attn @ v).transpose(1, 2).reshape(B_, N, C))


def cal_window_transformer_block(x, window_size, num_heads):
    B, H, W, C = x.shape
    h, w = window_size
    x = window_reverse(window_attention(window_partition(x, h, w), num_heads), h, w, H, W)
    return window_reverse(window_attention(window_partition(x, h, w), num_heads), h, w, H, W)
