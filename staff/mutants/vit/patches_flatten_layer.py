# question: 3a
# diagnosis: forbidden layer
# earns: 0
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(in_channels, embedding_dim, patch_size, patch_size), nn.Flatten(2))

    def forward(self, images):
        return self.layers(images).transpose(1, 2)
