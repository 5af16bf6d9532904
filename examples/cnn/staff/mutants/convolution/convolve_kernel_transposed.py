# question: A
# diagnosis: kernel transposed
# earns: 3

import torch
from torch.nn.functional import pad


def convolve(image, weight, bias, stride, padding):
    padded = pad(image, (padding,) * 4)
    size = weight.shape[-1]
    windows = padded.unfold(2, size, stride).unfold(3, size, stride)
    return torch.einsum("bcrsji,mcij->bmrs", windows, weight) + bias[:, None, None]
