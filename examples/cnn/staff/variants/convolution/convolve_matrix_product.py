# question: A

from torch.nn.functional import unfold


def convolve(image, weight, bias, stride, padding):
    size = weight.shape[-1]
    columns = unfold(image, size, padding=padding, stride=stride)
    product = weight.flatten(1) @ columns + bias[:, None]
    return product.unflatten(2, (-1, (image.shape[3] + 2 * padding - size) // stride + 1))
