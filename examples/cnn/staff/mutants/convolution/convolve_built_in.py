# question: A
# diagnosis: forbidden call

from torch.nn import functional


def convolve(image, weight, bias, stride, padding):
    return functional.conv2d(image, weight, bias, stride, padding)
