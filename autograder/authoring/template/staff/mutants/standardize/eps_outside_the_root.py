# question: 1
# diagnosis: eps outside the root
# earns: 8


def standardize(x, eps):
    return (x - x.mean(1, keepdim=True)) / (x.std(1, correction=0, keepdim=True) + eps)
