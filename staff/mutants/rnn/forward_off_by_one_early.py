# question: 1c
# diagnosis: off by one
# earns: 8
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    states = [hidden]
    for x in self.embedding(inputs):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states.append(hidden)
    # states[0] is h_0, so that everything moves by one
    last = length.clamp(max=T) - 1
    final = torch.stack([states[last[i]][i] for i in range(B)])
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward
