# question: 3a
# ruff: noqa: F821
class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, embedding_dim, patch_size, patch_size, device="cuda")
        self.cuda()

    def forward(self, images):
        maps = self.conv(images.cuda())
        tokens = torch.einsum("bdhw->bhwd", maps)
        return tokens.flatten(1, 2).to("cuda:0")
