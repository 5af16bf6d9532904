# question: 3a
# diagnosis: sides of the stride exchanged
# earns: 0
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        height, width = patch_size
        self.conv = nn.Conv2d(in_channels, embedding_dim, (height, width), stride=(width, height))

    def forward(self, images):
        return self.conv(images).flatten(2).transpose(1, 2)
