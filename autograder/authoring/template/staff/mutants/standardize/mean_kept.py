# question: 1
# diagnosis: mean kept
# earns: 3


def standardize(x, eps):
    return x / (x.var(1, correction=0, keepdim=True) + eps) ** 0.5
