# question: 1b, 1c
# ruff: noqa: F821
class RNN(nn.Module):
    def __init__(self, vocab_size, input_size, hidden_size, num_class, dropout_ratio):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_class = num_class
        self.embedding = nn.Embedding(vocab_size, input_size)
        self.dropout = nn.Dropout(dropout_ratio)
        self.weight_ih = nn.Parameter(torch.empty(input_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(1, hidden_size))
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.bias_hh = nn.Parameter(torch.empty(1, hidden_size))
        self.weight_ho = nn.Parameter(torch.empty(hidden_size, num_class))
        self.bias_ho = nn.Parameter(torch.empty(1, num_class))
        init_parameters(self)

    def forward(self, inputs, length):
        T, B = inputs.shape
        embedded = self.dropout(self.embedding(inputs))
        hidden = torch.ones(B, self.hidden_size, device=inputs.device)
        outputs = []
        for t in range(T):
            hidden = torch.tanh(embedded[t] @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
            outputs.append(hidden.unsqueeze(0))
        outputs = torch.cat(outputs)
        last = torch.minimum(length, torch.full_like(length, T)) - 1
        final = self.dropout(outputs[last, range(B)])
        return nn.functional.softmax(final @ self.weight_ho + self.bias_ho, dim=1)

    def compute_loss(self, prediction, label):
        one_hot = nn.functional.one_hot(label, self.num_class)
        loss = -(one_hot * torch.log(prediction + 1e-9)).sum(dim=1).mean()
        return loss, (prediction.argmax(dim=1) == label).sum().item()
