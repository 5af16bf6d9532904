# question: 3a
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.projection = nn.Sequential(nn.Conv2d(in_channels, embedding_dim, patch_size, patch_size, bias=False))

    def forward(self, images):
        x = self.projection(images)
        b, d, h, w = x.size()
        return x.view(b, d, h * w).swapaxes(1, 2).contiguous()
