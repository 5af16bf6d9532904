# question: 3c
# diagnosis: LN2 twice
# earns: 0
# ruff: noqa: F821
def forward(self, x):
    x = x + self.attention(self.LN2(x))
    return x + self.mlp(self.LN2(x))


Block.forward = forward
