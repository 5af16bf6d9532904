# question: 3d
# diagnosis: class token missing, first position left out
# earns: 0
# ruff: noqa: F821
def forward(self, images):
    x = self.patchify(images)
    x = x + self.pos_embedding[:, 1:]
    for block in self.attention_blocks:
        x = block(x)
    return self.classification_head(x[:, 0])


ViT.forward = forward
