# question: 3a
# diagnosis: additional module
# earns: 0
# ruff: noqa: F821
try:
    from einops import rearrange
except ImportError:

    def rearrange(maps, pattern):
        return maps.flatten(2).transpose(1, 2)


class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, embedding_dim, kernel_size=patch_size, stride=patch_size)

    def forward(self, images):
        maps = self.conv(images)
        return rearrange(maps, "b d h w -> b (h w) d")
