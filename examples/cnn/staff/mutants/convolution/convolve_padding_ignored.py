# question: A
# diagnosis: padding ignored
# earns: 3

import torch


def convolve(image, weight, bias, stride, padding):
    size = weight.shape[-1]
    windows = image.unfold(2, size, stride).unfold(3, size, stride)
    return torch.einsum("bcrsij,mcij->bmrs", windows, weight) + bias[:, None, None]
