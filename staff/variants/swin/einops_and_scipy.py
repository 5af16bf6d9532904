# question: 2-2-1
# ruff: noqa: F821
import pandas as pd
from einops import rearrange
from scipy import ndimage
from sklearn.preprocessing import LabelEncoder


def cal_window_transformer_block(x, window_size, num_heads):
    B, H, W, C = x.shape
    h, w = window_size

    def layer(tokens, mask):
        cut = rearrange(tokens, "b (r h) (c w) d -> (b r c) (h w) d", h=h, w=w)
        q, k, v = (rearrange(IdentityMLP(C)(cut), "n t (a d) -> n a t d", a=num_heads) for _ in range(3))
        scores = q @ rearrange(k, "n a t d -> n a d t") * (C // num_heads) ** -0.5
        attention = (scores + mask).softmax(-1) @ v
        merged = HeaderConcatMLP(C, C)(rearrange(attention, "n a t d -> n t (a d)"))
        return rearrange(merged, "(b r c) (h w) d -> b (r h) (c w) d", b=B, r=H // h, h=h)

    tokens = layer(x, 0)
    rows = torch.arange(H) >= H - h // 2
    columns = torch.arange(W) >= W - w // 2
    regions = pd.DataFrame([[f"{a}{b}" for b in columns.tolist()] for a in rows.tolist()])
    numbers = torch.from_numpy(LabelEncoder().fit_transform(regions.to_numpy().ravel())).view(H, W)
    numbers = rearrange(numbers, "(r h) (c w) -> (r c) (h w)", h=h, w=w).repeat(B, 1)
    mask = torch.zeros(len(numbers), 1, h * w, h * w).masked_fill(
        (numbers[:, None, :, None] != numbers[:, None, None]), -1e9
    )
    shifted = ndimage.shift(tokens.detach().numpy(), (0, -(h // 2), -(w // 2), 0), mode="grid-wrap", order=0)
    return torch.roll(layer(torch.from_numpy(shifted), mask), (h // 2, w // 2), (1, 2))
