# question: 2-2-1
# diagnosis: scaled by all channels
# ruff: noqa: F821
import math


def cal_window_transformer_block(x, window_size, num_heads):
    B, H, W, C = x.shape
    h, w = window_size
    d = C // num_heads
    rows, cols = H // h, W // w

    def to_windows(t):
        t = t.reshape(-1, rows, h, cols, w, t.shape[-1]).transpose(2, 3)
        return t.reshape(t.shape[0], rows * cols, h * w, -1)

    def attention(t, different=None):
        t = to_windows(t)  # (B, windows, h * w, C)
        q, k, v = IdentityMLP(C)(t), IdentityMLP(C)(t), IdentityMLP(C)(t)
        q, k, v = (y.reshape(B, rows * cols, h * w, num_heads, d).transpose(2, 3) for y in (q, k, v))
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(C)
        if different is not None:
            scores = scores.masked_fill(different, -1e9)
        attn = torch.softmax(scores, dim=-1)
        out = torch.matmul(attn, v).transpose(2, 3).reshape(B, rows * cols, h * w, C)
        out = HeaderConcatMLP(C, C)(out)
        return out.reshape(B, rows, cols, h, w, C).transpose(2, 3).reshape(B, H, W, C)

    row_wrapped = (torch.arange(H) >= H - h // 2).view(1, H, 1, 1).expand(1, H, W, 1)
    col_wrapped = (torch.arange(W) >= W - w // 2).view(1, 1, W, 1).expand(1, H, W, 1)
    r, c = to_windows(row_wrapped), to_windows(col_wrapped)  # (1, windows, h * w, 1)
    different = ((r != r.transpose(2, 3)) | (c != c.transpose(2, 3))).unsqueeze(2)

    x = attention(x)
    x = torch.roll(x, (-(h // 2), -(w // 2)), (1, 2))
    x = attention(x, different)
    x = torch.roll(x, (h // 2, w // 2), (1, 2))
    return x
