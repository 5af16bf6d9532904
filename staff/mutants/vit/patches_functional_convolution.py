# question: 3a
# diagnosis: wrong structure
# earns: 0
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.stride = patch_size
        self.weight = nn.Parameter(torch.randn(embedding_dim, in_channels, *patch_size))
        self.bias = nn.Parameter(torch.zeros(embedding_dim))

    def forward(self, images):
        maps = F.conv2d(images, self.weight, self.bias, stride=self.stride)
        return maps.flatten(2).transpose(1, 2)
