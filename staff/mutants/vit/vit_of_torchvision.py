# question: 3d
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
from torchvision.models.vision_transformer import Encoder


class ViT(nn.Module):
    def __init__(self, image_shape, patch_size, num_classes, dim, num_heads, depth, mlp_dim, dropout=0.0):
        super().__init__()
        self.patchify = Patchification(image_shape[0], patch_size, dim)
        num_patches = (image_shape[1] // patch_size[0]) * (image_shape[2] // patch_size[1])
        self.pos_embedding = nn.Parameter(torch.randn(1, num_patches + 1, dim))
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim))
        num_tokens = self.pos_embedding.shape[1]
        self.attention_blocks = Encoder(num_tokens, depth, num_heads, dim, mlp_dim, dropout, dropout)
        self.classification_head = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, num_classes))

    def forward(self, images):
        x = self.patchify(images)
        token = self.cls_token.expand(x.shape[0], -1, -1)
        x = torch.cat([token, x], dim=1)
        x = self.attention_blocks(x)
        return self.classification_head(x[:, 0])
