# question: 3a
# diagnosis: forbidden layer
# earns: 0
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.proj = nn.Conv2d(in_channels, embedding_dim, patch_size, stride=patch_size)
        self.steps = [self.proj, nn.Flatten(2)]

    def forward(self, images):
        for step in self.steps:
            images = step(images)
        return images.mT
