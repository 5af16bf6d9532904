# question: 2-2-1
# diagnosis: step 1 alone
# earns: 10
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

    def attention(t):
        t = to_windows(t)  # (B, windows, h * w, C)
        q, k, v = IdentityMLP(C)(t), IdentityMLP(C)(t), IdentityMLP(C)(t)
        q, k, v = (y.reshape(B, rows * cols, h * w, num_heads, d).transpose(2, 3) for y in (q, k, v))
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(d)
        attn = torch.softmax(scores, dim=-1)
        out = torch.matmul(attn, v).transpose(2, 3).reshape(B, rows * cols, h * w, C)
        out = HeaderConcatMLP(C, C)(out)
        return out.reshape(B, rows, cols, h, w, C).transpose(2, 3).reshape(B, H, W, C)

    x = attention(x)
    return x
