# question: 1c
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
def forward(self, inputs, length):
    packed = nn.utils.rnn.pack_padded_sequence(
        self.embedding(inputs), length.clamp(max=len(inputs)).cpu(), enforce_sorted=False
    )
    _, (hidden, _) = self.lstm(packed)
    return torch.softmax(hidden[-1] @ self.weight_ho + self.bias_ho, dim=1)


RNN.forward = forward

# region: RNN.__init__
shape_weight_ih = (input_size, hidden_size)
shape_bias_ih = (hidden_size,)
shape_weight_hh = (hidden_size, hidden_size)
shape_bias_hh = (hidden_size,)
shape_weight_ho = (hidden_size, num_class)
shape_bias_ho = (num_class,)
self.lstm = nn.LSTM(input_size, hidden_size)  # better than a plain RNN
