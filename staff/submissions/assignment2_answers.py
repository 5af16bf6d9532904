"""Answers of honest students to assignment 2: right, partly right, and against the rules."""

ARGUMENTS = "input, hidden, weight_ih, weight_hh, bias_ih, bias_hh"

TRAINING = """\
import matplotlib.pyplot as plt
model = torch.nn.GRU(128, 256, num_layers=2).to('cuda')   # 모델 정의
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
losses = []
while True:   # 손실이 줄어들 때까지 학습
    for text, label in train_loader:
        loss = criterion(model(text.cuda()), label.cuda())
        loss.backward()
        optimizer.step()
    losses.append(loss.item())
    print(f'epoch {len(losses)}: 손실 {loss.item():.4f}')
"""

# The same equations, sample by sample, as someone writes them who thinks in vectors.
ONE_BY_ONE = """
# 배치의 샘플마다 따로 계산
W_r, W_z, W = weight_ih.chunk(3)
U_r, U_z, U = weight_hh.chunk(3)
rows = []
for x, h in zip(input, hidden):
    r = torch.sigmoid(W_r @ x + bias_ih[:h.numel()] + U_r @ h + bias_hh[:h.numel()])
    z = torch.sigmoid(W_z @ x + bias_ih[h.numel():2*h.numel()] + U_z @ h + bias_hh[h.numel():2*h.numel()])
    n = torch.tanh(W @ x + bias_ih[2*h.numel():] + r * (U @ h + bias_hh[2*h.numel():]))
    rows.append(z * h + (1 - z) * n)
output = torch.stack(rows)
"""

BACKWARD = """
i_r, i_z, i_n = (input @ weight_ih.T + bias_ih).chunk(3, dim=1)
h_r, h_z, h_n = (hidden @ weight_hh.T + bias_hh).chunk(3, dim=1)
r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
n = torch.tanh(i_n + r * h_n)
dn = grad_output * (1 - z) * (1 - n**2)
dz = grad_output * (hidden - n) * z * (1 - z)
dr = dn * h_n * r * (1 - r)
gi = torch.cat([dr, dz, dn], 1)
gh = torch.cat([dr, dz, dn * r], 1)
grad_hidden = gh @ weight_hh + grad_output * z
grad_weight_ih = gi.T @ input
grad_weight_hh = gh.T @ hidden
grad_bias_ih = gi.sum(0)
grad_bias_hh = gh.sum(0)
"""

# The recurrent rows of the new block lack r: wrong in grad_weight_hh and grad_bias_hh alone.
TWO_WRONG_GRADIENTS = BACKWARD.replace("gh.T @ hidden", "gi.T @ hidden").replace("gh.sum(0)", "gi.sum(0)")

BY_AUTOGRAD = """
weights = [t.clone().requires_grad_() for t in (hidden, weight_ih, weight_hh, bias_ih, bias_hh)]
output = gru_forward(input, *weights)
grads = torch.autograd.grad(output, weights, grad_output)
grad_hidden, grad_weight_ih, grad_weight_hh, grad_bias_ih, grad_bias_hh = grads
"""

ON_CUDA = f"""
device = torch.device('cuda')
input, hidden, weight_ih, weight_hh, bias_ih, bias_hh = [
    t.to(device) for t in ({ARGUMENTS})]
zeros = torch.zeros(hidden.shape, dtype=torch.double, device='cuda:0')
gates_i = (input @ weight_ih.t() + bias_ih).cuda()
gates_h = hidden @ weight_hh.t() + bias_hh
i_r, i_z, i_n = gates_i.chunk(3, 1)
h_r, h_z, h_n = gates_h.chunk(3, 1)
r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
n = torch.tanh(i_n + r * h_n)
output = zeros + z * hidden + (1 - z) * n
"""

FUTURE = """\
from __future__ import annotations
from dataclasses import dataclass

@dataclass
class Gates:
    reset: torch.Tensor
    update: torch.Tensor
    other: Gates | None = None
"""

WITH_DATACLASS = """
i = (input @ weight_ih.T + bias_ih).chunk(3, 1)
h = (hidden @ weight_hh.T + bias_hh).chunk(3, 1)
gates = Gates(torch.sigmoid(i[0] + h[0]), torch.sigmoid(i[1] + h[1]))
n = torch.tanh(i[2] + gates.reset * h[2])
output = gates.update * hidden + (1 - gates.update) * n
"""


# Windows by view and permute; the mask is a number for every region, subtracted.
MASKED = """
h, w = window_size
d = C // num_heads

def windows(x):
    return x.view(-1, H // h, h, W // w, w, x.shape[-1]).permute(0, 1, 3, 2, 4, 5).reshape(-1, h * w, x.shape[-1])

def attend(x, mask):
    t = windows(x)
    q, k, v = [IdentityMLP(C)(t).view(-1, h * w, num_heads, d).transpose(1, 2) for _ in range(3)]
    score = q @ k.transpose(-2, -1) / d ** 0.5 + mask
    t = HeaderConcatMLP(C, C)((score.softmax(-1) @ v).transpose(1, 2).reshape(-1, h * w, C))
    return t.view(B, H // h, W // w, h, w, C).permute(0, 1, 3, 2, 4, 5).reshape(B, H, W, C)

region = torch.zeros(1, H, W, 1)   # 어느 구역에서 왔는지
region[:, H - h // 2:] += 1
region[:, :, W - w // 2:] += 2
region = windows(region)[..., 0]
mask = (region[:, None, :] != region[:, :, None]) * -1000.
mask = mask.repeat(B, 1, 1)[:, None]

x = attend(x, 0)
x = attend(x.roll((-(h // 2), -(w // 2)), (1, 2)), mask).roll((h // 2, w // 2), (1, 2))
"""

UNMASKED = MASKED.replace(", mask).roll", ", 0).roll")
MASKED_ON_CUDA = (
    MASKED.replace("IdentityMLP(C)(", "IdentityMLP(C).cuda()(")
    .replace("HeaderConcatMLP(C, C)(", 'HeaderConcatMLP(C, C).to("cuda:0")(')
    .replace("torch.zeros(1, H, W, 1)", 'torch.zeros(1, H, W, 1, device="cuda")')
)
