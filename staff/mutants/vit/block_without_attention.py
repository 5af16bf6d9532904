# question: 3c
# diagnosis: attention missing
# earns: 0
# ruff: noqa: F821
def forward(self, x):
    return x + self.mlp(self.LN2(x))


Block.forward = forward
