# question: 1c
# diagnosis: log-softmax
# earns: 8
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    x = self.embedding(inputs)
    h = torch.zeros(B, self.hidden_size, device=inputs.device)
    hs = []
    for t in range(T):
        h = torch.tanh(x[t] @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh)
        hs.append(h)
    hs = torch.stack(hs)
    last = torch.clamp(length, max=T) - 1
    h = hs[last, torch.arange(B)]
    return nn.functional.log_softmax(h @ self.weight_ho + self.bias_ho, dim=-1)


RNN.forward = forward
