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
        self.weight_ih = nn.Parameter(torch.empty(hidden_size, input_size))
        self.bias_ih = nn.Parameter(torch.empty(hidden_size))
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.bias_hh = nn.Parameter(torch.empty(hidden_size))
        self.weight_ho = nn.Parameter(torch.empty(num_class, hidden_size))
        self.bias_ho = nn.Parameter(torch.empty(num_class))
        init_parameters(self)
        self.cell = nn.RNNCell(input_size, hidden_size)
        self.cell.weight_ih, self.cell.bias_ih = self.weight_ih, self.bias_ih
        self.cell.weight_hh, self.cell.bias_hh = self.weight_hh, self.bias_hh

    def forward(self, inputs, length):
        T, B = inputs.shape
        h = torch.randn(B, self.hidden_size, device=inputs.device)
        final = torch.zeros_like(h)
        for t in range(T):
            h = self.cell(self.embedding(inputs[t]), h)
            for b in range(B):
                if t == min(T, length[b]) - 1:
                    final[b] = h[b]
        return torch.softmax(final @ self.weight_ho.T + self.bias_ho, dim=1)

    def compute_loss(self, prediction, label):
        loss = -torch.log(prediction.gather(1, label.unsqueeze(1)) + 1e-9).mean()
        return loss, (prediction.argmax(dim=1) == label).sum()
