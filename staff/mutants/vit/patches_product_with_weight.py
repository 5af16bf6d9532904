# question: 3a
# diagnosis: convolution not called
# earns: 0
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.proj = nn.Conv2d(in_channels, embedding_dim, patch_size, stride=patch_size)

    def forward(self, images):
        B, C, H, W = images.shape
        h, w = self.proj.kernel_size
        patches = images.view(B, C, H // h, h, W // w, w).permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)
        return patches @ self.proj.weight.flatten(1).T + self.proj.bias
