# question: 1

import torch


def standardize(x, eps):
    rows = []
    for row in x:
        centred = row - row.sum() / len(row)
        rows.append(centred / (centred.dot(centred) / len(row) + eps).sqrt())
    return torch.stack(rows)
