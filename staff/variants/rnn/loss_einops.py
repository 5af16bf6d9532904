# question: 1d
# ruff: noqa: F722, F821
from einops import rearrange, reduce
from jaxtyping import Float, Int
from torch import Tensor


def compute_loss(self, prediction: Float[Tensor, "B classes"], label: Int[Tensor, "B"]):
    of_label = prediction.gather(1, rearrange(label, "b -> b 1"))
    loss = reduce(-torch.log(of_label + 1e-9), "b 1 -> ", "mean")
    return loss, (prediction.argmax(-1) == label).sum()


RNN.compute_loss = compute_loss
