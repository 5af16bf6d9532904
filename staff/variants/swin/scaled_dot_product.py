# question: 2-2-1
# ruff: noqa: F821
import torch.nn.functional as F


def cal_window_transformer_block(x, window_size, num_heads):
    B, H, W, C = x.shape
    (h, w), d = window_size, C // num_heads
    rows, cols = H // h, W // w

    def attend(image, allowed):
        tokens = image.view(B, rows, h, cols, w, C).permute(0, 1, 3, 2, 4, 5).reshape(B, rows * cols, h * w, C)
        query, key, value = (
            mlp(tokens).view(B, rows * cols, h * w, num_heads, d).transpose(2, 3)
            for mlp in (IdentityMLP(C), IdentityMLP(C), IdentityMLP(C))
        )
        out = F.scaled_dot_product_attention(query, key, value, attn_mask=allowed)
        out = HeaderConcatMLP(C, C)(out.transpose(2, 3).reshape(B, rows * cols, h * w, C))
        return out.view(B, rows, cols, h, w, C).permute(0, 1, 3, 2, 4, 5).reshape(B, H, W, C)

    row = torch.arange(H).roll(-(h // 2)).view(rows, h)
    col = torch.arange(W).roll(-(w // 2)).view(cols, w)
    row_wrapped = (row < h // 2)[:, None, :, None].expand(rows, cols, h, w).reshape(rows * cols, h * w)
    col_wrapped = (col < w // 2)[None, :, None, :].expand(rows, cols, h, w).reshape(rows * cols, h * w)
    allowed = ~(row_wrapped[:, :, None] ^ row_wrapped[:, None, :]) & ~(
        col_wrapped[:, :, None] ^ col_wrapped[:, None, :]
    )

    x = attend(x, None)
    x = attend(x.roll(-(h // 2), 1).roll(-(w // 2), 2), allowed[:, None])
    return x.roll(h // 2, 1).roll(w // 2, 2)
