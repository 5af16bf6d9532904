# question: 1
# diagnosis: root missing
# earns: 5


def standardize(x, eps):
    centred = x - x.mean(1, keepdim=True)
    return centred / ((centred**2).mean(1, keepdim=True) + eps)
