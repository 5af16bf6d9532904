# question: 1
# diagnosis: over the batch
# earns: 3


def standardize(x, eps):
    mean = x.mean(0)
    variance = ((x - mean) ** 2).mean(0)
    return (x - mean) / (variance + eps) ** 0.5
