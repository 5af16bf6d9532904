# question: 2-2-1
# ruff: noqa: F821


def cal_window_transformer_block(x, window_size, num_heads):
    B, H, W, C = x.shape
    h, w = window_size
    row = torch.arange(H).view(H, 1).expand(H, W).flatten()
    col = torch.arange(W).view(1, W).expand(H, W).flatten()

    def step(tokens, group):
        q, k, v = [t.view(B, H * W, num_heads, -1).transpose(1, 2) for t in [IdentityMLP(C)(tokens) for _ in "qkv"]]
        dots = q @ k.mT * (C / num_heads) ** -0.5
        dots = dots + (group[:, None] != group[None, :]).float() * -1e5
        return HeaderConcatMLP(C, C)((dots.softmax(-1) @ v).transpose(1, 2).reshape(B, H * W, C))

    tokens = x.reshape(B, H * W, C)
    tokens = step(tokens, row // h * W + col // w)
    # A shifted window that the edge tears apart is as good as two windows, or four in the corner.
    tokens = step(tokens, (row + h - h // 2) // h * W * 2 + (col + w - w // 2) // w)
    return tokens.reshape(x.shape)
