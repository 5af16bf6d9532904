# question: 1c
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    h = torch.rand(B, self.hidden_size, device=DEVICE)
    for t in range(T):
        x = self.embedding(inputs[t])
        h_new = torch.tanh(x @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh)
        mask = (length > t).unsqueeze(1)
        h = torch.where(mask, h_new, h)
    return torch.softmax(h @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
