# question: 1b, 1c
# ruff: noqa: F821
import torch.nn.functional as F


class RNN(nn.Module):
    def __init__(self, vocab_size, input_size, hidden_size, num_class, dropout=0.3):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_class = num_class
        self.embedding = nn.Sequential(nn.Embedding(vocab_size, input_size), nn.Dropout(dropout))
        self.dropout = dropout
        self.weight_ih = nn.Parameter(torch.randn(hidden_size, input_size) / input_size**0.5)
        self.bias_ih = nn.Parameter(torch.zeros(hidden_size))
        self.weight_hh = nn.Parameter(torch.eye(hidden_size))
        self.bias_hh = nn.Parameter(torch.zeros(hidden_size))
        self.weight_ho = nn.Parameter(torch.randn(num_class, hidden_size) / hidden_size**0.5)
        self.bias_ho = nn.Parameter(torch.zeros(num_class))

    def forward(self, inputs, length):
        x = self.embedding(inputs)
        h = x.new_zeros(x.shape[1], self.hidden_size)
        hs = []
        for x_t in x:
            h = torch.tanh(F.linear(x_t, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh))
            hs.append(h)
        hs = torch.stack(hs, dim=1)  # (B, T, H)
        last = (length - 1).clamp(max=len(inputs) - 1)
        h = torch.cat([one[i : i + 1] for one, i in zip(hs, last, strict=True)])
        h = F.dropout(h, self.dropout, training=self.training)
        return F.log_softmax(F.linear(h, self.weight_ho, self.bias_ho), dim=1).exp()

    def compute_loss(self, prediction, label):
        return -prediction.log().gather(1, label[:, None]).mean(), prediction.argmax(1).eq(label).sum()
