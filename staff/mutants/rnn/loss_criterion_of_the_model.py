# question: 1d
# diagnosis: forbidden call
# earns: 0
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
        self.criterion = nn.NLLLoss()
        init_parameters(self)

    def forward(self, inputs, length):
        T, B = inputs.shape
        h = torch.randn(B, self.hidden_size, device=inputs.device)
        states = []
        for x in self.embedding(inputs):
            h = torch.tanh(x @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh)
            states.append(h)
        final = torch.stack(states)[length.clamp(max=T) - 1, torch.arange(B)]
        return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)

    def compute_loss(self, prediction, label):
        loss = self.criterion(torch.log(prediction), label)
        return loss, (prediction.argmax(dim=1) == label).sum()
