# question: A
# diagnosis: not written


def convolve(image, weight, bias, stride, padding):
    raise NotImplementedError("convolve is not written yet")
