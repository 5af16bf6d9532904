# question: 1c
# diagnosis: log-softmax
# earns: 8
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
        self.tanh = nn.Tanh()
        self.softmax = nn.LogSoftmax(dim=1)
        init_parameters(self)

    def forward(self, inputs, length):
        T, B = inputs.size()
        hidden = torch.randn(B, self.hidden_size).to(DEVICE)
        final = torch.zeros(B, self.hidden_size).to(DEVICE)
        for t in range(T):
            x = self.embedding(inputs[t])
            hidden = self.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
            ends = (length.clamp(max=T) == t + 1).unsqueeze(1)
            final = torch.where(ends, hidden, final)
        return self.softmax(final @ self.weight_ho + self.bias_ho)

    def compute_loss(self, prediction, label):
        one_hot = torch.eye(self.num_class, device=label.device)[label]
        loss = -(one_hot * torch.log(prediction + 1e-9)).sum(dim=1).mean()
        return loss, (prediction.argmax(dim=1) == label).sum()
