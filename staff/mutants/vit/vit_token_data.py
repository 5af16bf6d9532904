# question: 3d
# diagnosis: detached
# earns: 5
# ruff: noqa: F821
class ViT(nn.Module):
    def __init__(self, image_shape, patch_size, num_classes, dim, num_heads, depth, mlp_dim, dropout=0.0):
        super().__init__()
        self.patchify = Patchification(image_shape[0], patch_size, dim)
        num_patches = (image_shape[1] // patch_size[0]) * (image_shape[2] // patch_size[1])
        self.pos_embedding = nn.Parameter(torch.randn(1, num_patches + 1, dim))
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim))
        self.attention_blocks = nn.ModuleList([Block(dim, num_heads, mlp_dim, dropout) for _ in range(depth)])
        self.classification_head = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, num_classes))

    def forward(self, images):
        x = self.patchify(images)
        token = self.cls_token.data.expand(x.shape[0], -1, -1)
        x = torch.cat([token, x], dim=1)
        x = x + self.pos_embedding
        for block in self.attention_blocks:
            x = block(x)
        return self.classification_head(x[:, 0])
