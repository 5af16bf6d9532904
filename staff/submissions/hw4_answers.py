"""Answers to homework 4's Vision Transformer: right, partly right, against the rules, hostile. Cells around them."""

import hostile

TRAINING = """\
model = ViT((3, 32, 32), (4, 4), 10, 256, 8, 6, 512, dropout=0.1).cuda()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
losses = []
while True:   # 과적합될 때까지
    for images, labels in train_loader:
        loss = nn.functional.cross_entropy(model(images.cuda()), labels.cuda())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    losses.append(loss.item())
    print(f'epoch {len(losses)}: 손실 {loss.item():.4f}')
"""

REAL_TORCHTEXT = """\
!pip install -q torchtext==0.18.0 portalocker
import torchtext
from torchtext.datasets import AG_NEWS
train_iter = torchtext.datasets.AG_NEWS(root='.data', split='train')   # 다운로드
"""

FUSED = {
    "Attention.__init__": """
self.qkv = nn.Linear(dim, 3 * dim, bias=False)   # 한 번에 계산
self.proj = nn.Linear(dim, dim)
""",
    "Attention.forward": """
B, N, D = x.shape
qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, self.head_dim).permute(2, 0, 3, 1, 4)
q, k, v = qkv[0], qkv[1], qkv[2]
att = torch.softmax(q @ k.transpose(-2, -1) / self.scale, dim=-1)
att = self.dropout(att)
return self.proj((att @ v).transpose(1, 2).reshape(B, N, D))
""",
}

PARTLY_RIGHT = {
    "Attention.__init__": """
self.q = nn.Linear(dim, dim)
self.k = nn.Linear(dim, dim)
self.v = nn.Linear(dim, dim)
self.o = nn.Linear(dim, dim)
""",
    "Attention.forward": """
# head는 나중에 ...
score = self.q(x) @ self.k(x).transpose(1, 2) / self.dim ** 0.5
return self.o(self.dropout(score.softmax(-1)) @ self.v(x))
""",
    "Block.forward": """
x = self.LN1(x + self.attention(x))
return self.LN2(x + self.mlp(x))
""",
    "ViT.forward": """
x = self.patchify(images)
x = torch.cat([self.cls_token.repeat(x.shape[0], 1, 1), x], dim=1) + self.pos_embedding
for block in self.attention_blocks:
    x = block(x)
return self.classification_head(x.mean(dim=1))
""",
    "Block.__init__": """
self.attention = Attention(dim, num_heads, dropout)
self.mlp = MLP(dim, mlp_dim, dropout)
""",
}

ON_CUDA = {
    "Patchification.__init__": """
self.conv = nn.Conv2d(in_channels, embedding_dim, patch_size, stride=patch_size).cuda()
""",
    "Patchification.forward": """
return self.conv(images.to('cuda')).flatten(2).permute(0, 2, 1)
""",
    "ViT.forward": """
x = self.patchify(images.cuda())
cls = self.cls_token.to(torch.device('cuda')) + torch.zeros(x.shape[0], 1, x.shape[2], device='cuda')
x = torch.cat((cls, x), 1) + self.pos_embedding.cuda()
for block in self.attention_blocks:
    x = block(x)
return self.classification_head(x[:, 0])
""",
}

BUILT_IN = {
    "Attention.__init__": "self.mha = nn.MultiheadAttention(dim, num_heads, dropout, batch_first=True)",
    "Attention.forward": "return self.mha(x, x, x)[0]",
}

BLOCK = """
x = self.attention(self.LN1(x)) + x
x = self.mlp(self.LN2(x)) + x
return x
"""

# The block was meant, not the model itself.
RECURSES = "return self.classification_head(self.forward(images)[:, 0])"

BARE_MATRICES = {
    "Attention.__init__": """
self.W_q = nn.Parameter(torch.randn(dim, dim) / dim ** 0.5)
self.W_k = nn.Parameter(torch.randn(dim, dim) / dim ** 0.5)
self.W_v = nn.Parameter(torch.randn(dim, dim) / dim ** 0.5)
self.W_o = nn.Parameter(torch.randn(dim, dim) / dim ** 0.5)
""",
    "Attention.forward": """
B, N, D = x.shape
q, k, v = [(x @ W).view(B, N, self.num_heads, -1).transpose(1, 2) for W in (self.W_q, self.W_k, self.W_v)]
att = self.dropout((q @ k.transpose(2, 3) / self.scale).softmax(-1))
return (att @ v).transpose(1, 2).reshape(B, N, D) @ self.W_o
""",
}

WALKS_FRAMES = hostile.walks_frames("x,", "x", "x") + "return x\n"

# What training cells printed, by a text of theirs: figures that nobody calls the test figure, a run that ended early.
RNN_TRAINING, SEQ2SEQ_TRAINING = 'SummaryWriter("runs/rnn")', 'SummaryWriter("runs/seq2seq")'
CALLED_VALIDATION = {RNN_TRAINING: "epoch 1/2: 손실 0.611\nepoch 2/2: 손실 0.402\n검증 정확도: 88.31 %\n"}
ENDS_EARLY = {
    SEQ2SEQ_TRAINING: "".join(
        f"Epoch [{epoch}/60] loss {loss:.3f} | dev ppl {ppl:.2f}\n"
        for epoch, loss, ppl in ((29, 2.091, 8.21), (30, 2.064, 8.05), (31, 2.057, 8.11))
    )
}
# The code of the last cell is gone, its output is not.
CODE_OF_THE_LAST_CELL = """if "model" in globals():
    print(f"Test accuracy: {accuracy(model, test_loader):.2f} %")
else:
    print("3e is not written yet: there is no `model`")"""
LEFT_OVER = "# 다시 실행하지 마세요"

OTHER_MODEL = """\
class Baseline(nn.Module):   # attention 없이
    def __init__(self):
        super().__init__()
        self.encoder = LSTMEncoder(dataset.input_lang.n_words, 128, 256)
        self.decoder = nn.LSTM(128, 256, batch_first=True)
baseline = Baseline().to(device)
print(f'Test perplexity: {evaluate(baseline, test_loader):.2f}')
"""
OWN_MODEL = {SEQ2SEQ_TRAINING: "epoch 1: perplexity 19.80\nepoch 2: perplexity 8.02\nTest perplexity: 7.45\n"}
