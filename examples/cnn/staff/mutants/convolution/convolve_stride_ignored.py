# question: A
# diagnosis: stride ignored
# earns: 3

import torch
from torch.nn.functional import pad


def convolve(image, weight, bias, stride, padding):
    padded = pad(image, (padding,) * 4)
    size = weight.shape[-1]
    windows = padded.unfold(2, size, 1).unfold(3, size, 1)
    return torch.einsum("bcrsij,mcij->bmrs", windows, weight) + bias[:, None, None]
