# question: 3d
# ruff: noqa: F821
class ViT(nn.Module):
    def __init__(self, image_shape, patch_size, num_classes, dim, num_heads, depth, mlp_dim, dropout=0.0):
        super().__init__()
        self.patchify = Patchification(image_shape[0], patch_size, dim)
        num_patches = (image_shape[1] // patch_size[0]) * (image_shape[2] // patch_size[1])
        self.pos_embedding = nn.Parameter(torch.randn(1, num_patches + 1, dim))
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim))
        self.dropout = nn.Dropout(dropout)
        self.attention_blocks = nn.ModuleList([Block(dim, num_heads, mlp_dim, dropout) for _ in range(depth)])
        self.classification_head = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, num_classes))

    def forward(self, images):
        patches = self.patchify(images)
        x = patches.new_empty(patches.shape[0], patches.shape[1] + 1, patches.shape[2])
        x[:, 0:1] = self.cls_token
        x[:, 1:] = patches
        x = self.dropout(x + self.pos_embedding)
        for block in self.attention_blocks:
            x = block(x)
        return self.classification_head(x.select(1, 0))
