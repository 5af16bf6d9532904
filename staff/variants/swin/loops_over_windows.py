# question: 2-2-1
# ruff: noqa: F821
import math


def attend_one_window(window, num_heads, same=None):
    h, w, C = window.shape
    d = C // num_heads
    tokens = window.reshape(h * w, C)
    q, k, v = IdentityMLP(C)(tokens), IdentityMLP(C)(tokens), IdentityMLP(C)(tokens)
    heads = []
    for i in range(num_heads):
        block = slice(i * d, (i + 1) * d)
        scores = torch.matmul(q[:, block], k[:, block].t()) / math.sqrt(d)
        if same is not None:
            scores[~same] = -float("inf")
        heads.append(torch.softmax(scores, dim=1) @ v[:, block])
    return HeaderConcatMLP(C, C)(torch.cat(heads, dim=-1)).reshape(h, w, C)


def cal_window_transformer_block(x, window_size, num_heads):
    B, H, W, C = x.shape
    h, w = window_size

    first = torch.zeros_like(x)
    for b in range(B):
        for i in range(0, H, h):
            for j in range(0, W, w):
                first[b, i : i + h, j : j + w] = attend_one_window(x[b, i : i + h, j : j + w], num_heads)

    top, left = h // 2, w // 2
    second = torch.zeros_like(x)
    for b in range(B):
        for i in range(top, H + top, h):
            for j in range(left, W + left, w):
                rows = torch.arange(i, i + h)
                cols = torch.arange(j, j + w)
                wrapped = [(int(r >= H), int(c >= W)) for r in rows for c in cols]
                same = torch.tensor([[p == q for q in wrapped] for p in wrapped])
                place = (b, (rows % H)[:, None], (cols % W)[None, :])
                second[place] = attend_one_window(first[place], num_heads, same)
    return second
