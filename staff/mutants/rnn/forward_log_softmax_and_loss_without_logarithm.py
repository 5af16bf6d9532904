# question: 1c
# diagnosis: log-softmax
# earns: 8
# question: 1d
# diagnosis: logarithm missing
# earns: 2
# ruff: noqa: F821
# Both work together, but neither does what is asked: probabilities from one, their logarithm in the other.
def forward(self, inputs, length):
    T, B = inputs.shape
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    states = []
    for x in self.embedding(inputs):
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        states.append(hidden)
    final = torch.stack(states)[length.clamp(max=T) - 1, torch.arange(B)]
    return torch.log_softmax(final @ self.weight_ho + self.bias_ho, dim=1)


def compute_loss(self, prediction, label):
    loss = -prediction.gather(1, label.unsqueeze(1)).mean()
    return loss, (prediction.argmax(dim=1) == label).sum()


RNN.forward = forward
RNN.compute_loss = compute_loss
