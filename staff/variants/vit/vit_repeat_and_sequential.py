# question: 3d
# ruff: noqa: F821
class ViT(nn.Module):
    def __init__(self, image_shape, patch_size, num_classes, dim, num_heads, depth, mlp_dim, dropout=0.0):
        super().__init__()
        in_channels, height, width = image_shape
        self.patchify = Patchification(in_channels=in_channels, patch_size=patch_size, embedding_dim=dim)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embedding = nn.Parameter(torch.zeros(1, 1 + height * width // (patch_size[0] * patch_size[1]), dim))
        self.dropout = nn.Dropout(dropout)
        self.attention_blocks = nn.Sequential(*[Block(dim, num_heads, mlp_dim, dropout) for _ in range(depth)])
        self.classification_head = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, num_classes))

    def forward(self, images):
        batch = images.size(0)
        tokens = torch.cat((self.cls_token.repeat(batch, 1, 1), self.patchify(images)), 1)
        tokens = self.attention_blocks(tokens + self.pos_embedding)
        return self.classification_head(tokens[:, 0, :])
