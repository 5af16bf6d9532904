# question: 3a
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.patch_size = patch_size
        self.linear = nn.Linear(in_channels * patch_size[0] * patch_size[1], embedding_dim)

    def forward(self, images):
        patches = F.unfold(images, self.patch_size, stride=self.patch_size)
        return self.linear(patches.transpose(1, 2))
