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
        init_parameters(self)
        self.lstm = nn.LSTM(input_size, hidden_size)  # better than a plain RNN

    def forward(self, inputs, length):
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(inputs), length.clamp(max=len(inputs)).cpu(), enforce_sorted=False
        )
        _, (hidden, _) = self.lstm(packed)
        return torch.softmax(hidden[-1] @ self.weight_ho + self.bias_ho, dim=1)

    def compute_loss(self, prediction, label):
        loss = -torch.log(prediction[range(len(label)), label] + 1e-9).mean()
        return loss, (prediction.argmax(dim=1) == label).sum()
