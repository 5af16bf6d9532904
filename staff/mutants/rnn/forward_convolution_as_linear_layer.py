# question: 1c
# diagnosis: forbidden layer
# earns: 0
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    h = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        h = torch.tanh(x @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh)
        states.append(h)
    final = torch.stack(states)[length.clamp(max=T) - 1, torch.arange(B)]
    return torch.softmax(self.head(final.unsqueeze(2)).squeeze(2), dim=1)


RNN.forward = forward

# region: RNN.__init__
shape_weight_ih = (input_size, hidden_size)
shape_bias_ih = (hidden_size,)
shape_weight_hh = (hidden_size, hidden_size)
shape_bias_hh = (hidden_size,)
shape_weight_ho = (hidden_size, num_class)
shape_bias_ho = (num_class,)
self.head = nn.Conv1d(hidden_size, num_class, kernel_size=1)
