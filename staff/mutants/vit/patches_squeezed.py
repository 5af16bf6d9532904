# question: 3a
# diagnosis: batch of one
# earns: 4
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, embedding_dim, kernel_size=patch_size, stride=patch_size)

    def forward(self, images):
        return torch.squeeze(self.conv(images).flatten(2).transpose(1, 2))
