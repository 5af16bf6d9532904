# question: 1
# diagnosis: divided by dim - 1
# earns: 8


def standardize(x, eps):
    return (x - x.mean(1, keepdim=True)) / (x.var(1, keepdim=True) + eps) ** 0.5
