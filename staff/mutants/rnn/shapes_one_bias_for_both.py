# question: 1b
# diagnosis: wrong shapes
# earns: 0
# ruff: noqa: F821
# Both biases of a step are one parameter.
class RNN(nn.Module):
    def __init__(self, vocab_size, input_size, hidden_size, num_class):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_class = num_class
        self.embedding = nn.Embedding(vocab_size, input_size)
        self.weight_ih = nn.Parameter(torch.empty(input_size, hidden_size))
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.bias_hh = nn.Parameter(torch.empty(hidden_size))
        self.weight_ho = nn.Parameter(torch.empty(hidden_size, num_class))
        self.bias_ho = nn.Parameter(torch.empty(num_class))
        init_parameters(self)

    def forward(self, inputs, length):
        T, B = inputs.shape
        hidden = torch.randn(B, self.hidden_size, device=inputs.device)
        states = []
        for x in self.embedding(inputs):
            hidden = torch.tanh(x @ self.weight_ih + hidden @ self.weight_hh + self.bias_hh)
            states.append(hidden)
        last = length.clamp(max=T) - 1
        final = torch.stack(states)[last, torch.arange(B, device=inputs.device)]
        return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)

    def compute_loss(self, prediction, label):
        of_label = prediction[torch.arange(len(label), device=label.device), label]
        loss = -torch.log(of_label.clamp_min(1e-12)).mean()
        return loss, (prediction.argmax(dim=1) == label).sum()
