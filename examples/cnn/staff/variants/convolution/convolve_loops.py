# question: A

import torch


def convolve(image, weight, bias, stride, padding):
    batch, channels, height, width = image.shape
    maps, _, size, _ = weight.shape
    padded = image.new_zeros(batch, channels, height + 2 * padding, width + 2 * padding)
    padded[:, :, padding : padding + height, padding : padding + width] = image
    rows, columns = (height + 2 * padding - size) // stride + 1, (width + 2 * padding - size) // stride + 1
    result = torch.empty(batch, maps, rows, columns, dtype=image.dtype)
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride, column * stride
            window = padded[:, None, :, top : top + size, left : left + size]
            result[:, :, row, column] = (window * weight).sum((2, 3, 4)) + bias
    return result
