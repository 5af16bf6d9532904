# question: 1c
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.size()
    hidden = torch.zeros(B, self.hidden_size, device=inputs.device)
    hiddens = torch.zeros(T, B, self.hidden_size, device=inputs.device)
    embedded = self.embedding(inputs)
    for t in range(T):
        hidden = torch.addmm(self.bias_ih, embedded[t], self.weight_ih) + torch.addmm(
            self.bias_hh, hidden, self.weight_hh
        )
        hidden = hidden.tanh()
        hiddens[t] = hidden
    idx = (torch.clamp(length, max=T) - 1).view(1, -1, 1).repeat(1, 1, self.hidden_size)
    output = hiddens.gather(0, idx)[0] @ self.weight_ho + self.bias_ho
    return output.softmax(-1)


RNN.forward = forward
