# question: 3a
# diagnosis: one side for the whole patch
# earns: 3
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, embedding_dim, kernel_size=patch_size[0], stride=patch_size[0])

    def forward(self, images):
        return self.conv(images).flatten(2).transpose(1, 2)
