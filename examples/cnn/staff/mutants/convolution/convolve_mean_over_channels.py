# question: A
# diagnosis: mean over the channels
# earns: 3

import torch
from torch.nn.functional import pad


def convolve(image, weight, bias, stride, padding):
    padded = pad(image, (padding,) * 4)
    size = weight.shape[-1]
    windows = padded.unfold(2, size, stride).unfold(3, size, stride)
    return torch.einsum("bcrsij,mcij->bmrs", windows, weight) / image.shape[1] + bias[:, None, None]
