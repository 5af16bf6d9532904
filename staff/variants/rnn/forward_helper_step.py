# question: 1c
# ruff: noqa: F821
def step(self, x, h):
    return torch.tanh(x @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh)


def init_hidden(self, batch_size):
    return torch.zeros(batch_size, self.hidden_size, device=self.weight_hh.device)


def forward(self, inputs, length):
    T, B = inputs.shape
    h, states = self.init_hidden(B), []
    for x in self.embedding(inputs):
        h = self.step(x, h)
        states += [h]
    states = torch.stack(states).transpose(0, 1)
    h = states[torch.arange(B), length.clamp(1, T) - 1]
    return torch.softmax(h @ self.weight_ho + self.bias_ho, 1)


RNN.step = step
RNN.init_hidden = init_hidden
RNN.forward = forward
