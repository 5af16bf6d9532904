# question: 1c
# ruff: noqa: F821
def forward(self, inputs, length):
    device = "cuda"
    tanh, softmax = nn.Tanh(), nn.Softmax(dim=1)
    inputs, length = inputs.to(device), length.cuda()
    T, B = inputs.shape
    h = torch.randn((B, self.hidden_size)).cuda()
    last_h = torch.zeros((B, self.hidden_size), device="cuda:0")
    for t in range(T):
        x = self.embedding(inputs[t])
        h = tanh(torch.mm(x, self.weight_ih) + self.bias_ih + torch.mm(h, self.weight_hh) + self.bias_hh)
        for b in range(B):
            if t + 1 == length[b] or (t + 1 == T and length[b] > T):
                last_h[b] = h[b]
    return softmax(torch.mm(last_h, self.weight_ho) + self.bias_ho)


RNN.forward = forward
