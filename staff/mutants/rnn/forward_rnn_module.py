# question: 1c
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
        self.rnn = nn.RNN(input_size, hidden_size)
        init_parameters(self)

    def forward(self, inputs, length):
        states, _ = self.rnn(self.embedding(inputs))
        last = length.clamp(max=len(inputs)) - 1
        final = states[last, torch.arange(len(length), device=length.device)]
        return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)

    def compute_loss(self, prediction, label):
        loss = -torch.log(prediction.gather(1, label.unsqueeze(1)) + 1e-9).mean()
        return loss, (prediction.argmax(dim=1) == label).sum()
