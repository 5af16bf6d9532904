# question: 1c
# ruff: noqa: F821
from torch.nn.utils.rnn import pack_padded_sequence


def forward(self, inputs, length):
    T, B = inputs.shape
    packed = pack_padded_sequence(self.embedding(inputs), length.clamp(max=T).cpu(), enforce_sorted=False)
    h = torch.randn(B, self.hidden_size, device=inputs.device)
    start = 0
    for n in packed.batch_sizes.tolist():
        x = packed.data[start : start + n]
        step = torch.tanh(x @ self.weight_ih + self.bias_ih + h[:n] @ self.weight_hh + self.bias_hh)
        h = torch.cat([step, h[n:]])
        start += n
    return torch.softmax(h[packed.unsorted_indices] @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
