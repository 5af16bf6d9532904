# question: 1c
# diagnosis: last step for every row
# earns: 6
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.size()
    outputs = []
    hidden = torch.zeros(B, self.hidden_size, device=DEVICE)
    for t in range(T):
        x = self.embedding(inputs[t])
        hidden = torch.mm(x, self.weight_ih) + self.bias_ih + torch.mm(hidden, self.weight_hh) + self.bias_hh
        hidden = torch.tanh(hidden)
        outputs.append(torch.softmax(torch.mm(hidden, self.weight_ho) + self.bias_ho, dim=1))
    return outputs[-1]


RNN.forward = forward
