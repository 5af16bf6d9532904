# question: 3a
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.embedding_dim = embedding_dim
        height, width = patch_size
        self.patcher = nn.Conv2d(
            in_channels=in_channels,
            out_channels=embedding_dim,
            kernel_size=(height, width),
            stride=(height, width),
            padding=0,
        )

    def forward(self, images):
        batch = images.shape[0]
        maps = self.patcher(images).permute(0, 2, 3, 1)
        return maps.reshape(batch, -1, self.embedding_dim)
