# question: 3d
# diagnosis: patches without position
# earns: 0
# ruff: noqa: F821
def forward(self, images):
    x = self.patchify(images)
    token = (self.cls_token + self.pos_embedding[:, :1]).expand(x.shape[0], -1, -1)
    x = torch.cat([token, x], dim=1)
    for block in self.attention_blocks:
        x = block(x)
    return self.classification_head(x[:, 0])


ViT.forward = forward
