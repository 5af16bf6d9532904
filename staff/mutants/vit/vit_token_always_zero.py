# question: 3d
# diagnosis: class token zero
# earns: 0
# ruff: noqa: F821
def forward(self, images):
    x = self.patchify(images)
    token = torch.zeros(x.shape[0], 1, x.shape[2], device=x.device)
    x = torch.cat([token, x], dim=1)
    x = x + self.pos_embedding
    for block in self.attention_blocks:
        x = block(x)
    return self.classification_head(x[:, 0])


ViT.forward = forward
