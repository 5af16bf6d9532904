# question: 1c
# diagnosis: softmax over the batch
# earns: 6
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states.append(hidden)
    rows = torch.arange(B, device=inputs.device)
    final = torch.stack(states)[length.clamp(max=T) - 1, rows]
    return nn.Softmax(dim=0)(final @ self.weight_ho + self.bias_ho)


RNN.forward = forward
