# question: 1c
# diagnosis: not written
# earns: 0
# ruff: noqa: F821
def forward(self, inputs, length):
    """Ids (T, B) and lengths (B,) -> probabilities (B, num_class)"""
    raise NotImplementedError("RNN.forward is not written yet")


RNN.forward = forward
