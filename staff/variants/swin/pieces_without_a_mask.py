# question: 2-2-1
# ruff: noqa: F821
from itertools import pairwise


def multi_head(piece, num_heads):
    B, rows, cols, C = piece.shape
    n, d = rows * cols, C // num_heads
    q = IdentityMLP(C)(piece).reshape(B, n, num_heads, d).movedim(2, 1)
    k = IdentityMLP(C)(piece).reshape(B, n, num_heads, d).movedim(2, 1)
    v = IdentityMLP(C)(piece).reshape(B, n, num_heads, d).movedim(2, 1)
    p = torch.nn.functional.softmax(torch.einsum("bhid,bhjd->bhij", q, k).div(d**0.5), -1)
    return HeaderConcatMLP(C, C)(torch.einsum("bhij,bhjd->bihd", p, v).reshape(B, rows, cols, C))


def cal_window_transformer_block(x, window_size, num_heads):
    B, H, W, C = x.shape
    h, w = window_size

    def pieces(image, row_cuts, col_cuts):
        out = torch.empty_like(image)
        for top, bottom in pairwise(row_cuts):
            for left, right in pairwise(col_cuts):
                if bottom > top and right > left:
                    out[:, top:bottom, left:right] = multi_head(image[:, top:bottom, left:right], num_heads)
        return out

    x = pieces(x, range(0, H + 1, h), range(0, W + 1, w))
    return pieces(x, [0, *range(h // 2, H, h), H], [0, *range(w // 2, W, w), W])
