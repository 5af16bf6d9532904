# question: 3a
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.proj = nn.Conv2d(in_channels, embedding_dim, patch_size, stride=patch_size)

    def forward(self, images):
        tokens = F.conv2d(images, self.proj.weight, self.proj.bias, stride=self.proj.stride)
        return tokens.flatten(2).mT
