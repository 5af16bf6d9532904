# question: 1d
# ruff: noqa: F821
class RNN(nn.Module):
    def __init__(self, vocab_size, input_size, hidden_size, num_class):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_class = num_class
        self.embedding = nn.Embedding(vocab_size, input_size)
        self.weight_ih = nn.Parameter(torch.empty(input_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(hidden_size))
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.bias_hh = nn.Parameter(torch.empty(hidden_size))
        self.weight_ho = nn.Parameter(torch.empty(hidden_size, num_class))
        self.bias_ho = nn.Parameter(torch.empty(num_class))
        init_parameters(self)

    def step(self, x, hidden):
        return torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)

    def forward(self, inputs, length):
        hidden = torch.randn(inputs.size(1), self.hidden_size, device=inputs.device)
        for t, word in enumerate(inputs):
            alive = (t < length).float().unsqueeze(1)
            hidden = alive * self.step(self.embedding(word), hidden) + (1 - alive) * hidden
        return torch.softmax(hidden @ self.weight_ho + self.bias_ho, dim=1)

    @staticmethod
    def cross_entropy(p, y):
        loss = p[torch.arange(len(y)), y].log()
        return loss.sum().div_(len(y)).neg_()

    def count(self, p, y):
        return torch.count_nonzero(p.argmax(-1) == y).reshape(1)

    def compute_loss(self, prediction, label):
        return self.cross_entropy(prediction, label), self.count(prediction, label)
