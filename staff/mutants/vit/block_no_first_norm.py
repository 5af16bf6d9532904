# question: 3c
# diagnosis: first norm missing
# earns: 0
# ruff: noqa: F821
def forward(self, x):
    x = x + self.attention(x)
    return x + self.mlp(self.LN2(x))


Block.forward = forward
