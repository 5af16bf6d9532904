# question: 3d
# ruff: noqa: F821
class ViT(nn.Module):
    def __init__(self, image_shape, patch_size, num_classes, dim, num_heads, depth, mlp_dim, dropout=0.0):
        super().__init__()
        c, h, w = image_shape
        p, q = patch_size
        self.patchify = Patchification(c, patch_size, dim).cuda()
        self.pos_embedding = nn.Parameter(torch.randn(1, 1 + (h // p) * (w // q), dim, device="cuda"))
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim).cuda())
        self.attention_blocks = nn.ModuleList([Block(dim, num_heads, mlp_dim, dropout) for _ in range(depth)])
        self.classification_head = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, num_classes))
        self.to("cuda")

    def forward(self, images):
        images = images.to("cuda")
        x = self.patchify(images)
        x = torch.cat([self.cls_token.expand(len(x), 1, -1), x], dim=1) + self.pos_embedding.cuda()
        for i in range(len(self.attention_blocks)):
            x = self.attention_blocks[i](x)
        return self.classification_head(x)[:, 0]
