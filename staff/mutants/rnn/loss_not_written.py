# question: 1d
# diagnosis: not written
# earns: 0
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    """Probabilities (B, num_class) and labels (B,) -> mean cross-entropy, number of right predictions"""
    raise NotImplementedError("RNN.compute_loss is not written yet")


RNN.compute_loss = compute_loss
