# question: 1c
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    h = torch.zeros(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        h = torch.einsum("bi,ih->bh", x, self.weight_ih) + torch.einsum("bh,hk->bk", h, self.weight_hh)
        h = torch.tanh(h + self.bias_ih + self.bias_hh)
        states.append(h)
    pick = nn.functional.one_hot(length.clamp(max=T) - 1, T).float()  # (B, T)
    final = torch.einsum("tbh,bt->bh", torch.stack(states), pick)
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
