# question: 3d
# diagnosis: first patch read
# earns: 0
# ruff: noqa: F821
def forward(self, images):
    x = self.patchify(images)
    token = self.cls_token.expand(x.shape[0], -1, -1)
    x = torch.cat([token, x], dim=1)
    x = x + self.pos_embedding
    for block in self.attention_blocks:
        x = block(x)
    return self.classification_head(x[:, 1])


ViT.forward = forward
