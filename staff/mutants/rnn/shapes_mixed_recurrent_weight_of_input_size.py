# question: 1b
# diagnosis: wrong shapes
# earns: 0
# ruff: noqa: F821
# One weight is stored transposed, the others are not; the recurrent one has a wrong shape.
def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh.T + self.bias_hh)
        states.append(hidden)
    last = length.clamp(max=T) - 1
    final = torch.stack(states)[last, torch.arange(B, device=inputs.device)]
    return torch.softmax(final @ self.weight_ho.T + self.bias_ho, dim=1)


RNN.forward = forward

# region: RNN.__init__
shape_weight_ih = (input_size, hidden_size)
shape_bias_ih = (hidden_size,)
shape_weight_hh = (hidden_size, input_size)
shape_bias_hh = (hidden_size,)
shape_weight_ho = (num_class, hidden_size)
shape_bias_ho = (num_class,)
