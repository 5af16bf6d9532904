# question: 1c
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
def forward(self, inputs, length):
    states, _ = self.rnn(self.embedding(inputs))
    last = length.clamp(max=len(inputs)) - 1
    final = states[last, torch.arange(len(length), device=length.device)]
    return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward

# region: RNN.__init__
shape_weight_ih = (input_size, hidden_size)
shape_bias_ih = (hidden_size,)
shape_weight_hh = (hidden_size, hidden_size)
shape_bias_hh = (hidden_size,)
shape_weight_ho = (hidden_size, num_class)
shape_bias_ho = (num_class,)
self.rnn = nn.RNN(input_size, hidden_size)
