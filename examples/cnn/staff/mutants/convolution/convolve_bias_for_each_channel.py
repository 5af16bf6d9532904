# question: A
# diagnosis: bias for each channel
# earns: 4

import torch
from torch.nn.functional import pad


def convolve(image, weight, bias, stride, padding):
    padded = pad(image, (padding,) * 4)
    size, result = weight.shape[-1], 0
    for channel in range(image.shape[1]):
        windows = padded[:, channel].unfold(1, size, stride).unfold(2, size, stride)
        result = result + torch.einsum("brsij,mij->bmrs", windows, weight[:, channel]) + bias[:, None, None]
    return result
