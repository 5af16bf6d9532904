# question: 3a
# diagnosis: forbidden layer
# earns: 0
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.patch_size = patch_size
        self.linear = nn.Linear(in_channels * patch_size[0] * patch_size[1], embedding_dim)

    def forward(self, images):
        batch, channels, height, width = images.shape
        h, w = self.patch_size
        patches = images.reshape(batch, channels, height // h, h, width // w, w).permute(0, 2, 4, 1, 3, 5)
        return self.linear(patches.reshape(batch, -1, channels * h * w))
