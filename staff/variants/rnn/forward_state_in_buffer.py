# question: 1b, 1c
# ruff: noqa: F821
class RNN(nn.Module):
    def __init__(self, vocab_size, input_size, hidden_size, num_class):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_class = num_class
        self.embedding = nn.Embedding(vocab_size, input_size)
        self.weight_ih = nn.Parameter(torch.empty(hidden_size, input_size))
        self.bias_ih = nn.Parameter(torch.empty(1, hidden_size))
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.bias_hh = nn.Parameter(torch.empty(1, hidden_size))
        self.weight_ho = nn.Parameter(torch.empty(num_class, hidden_size))
        self.bias_ho = nn.Parameter(torch.empty(1, num_class))
        self.register_buffer("h_0", torch.randn(1, hidden_size))
        self.softmax = nn.Softmax(dim=1)
        init_parameters(self)

    def forward(self, inputs, length):
        T, B = inputs.shape
        h = [self.h_0.repeat(B, 1)]
        for x in self.embedding(inputs):
            h.append(torch.tanh(x @ self.weight_ih.T + self.bias_ih + h[-1] @ self.weight_hh.T + self.bias_hh))
        h = torch.stack(h)  # h[t] 는 t 번째 단어 다음의 state
        final = h[length.clamp(max=T), torch.arange(B, device=h.device)]
        return self.softmax(final @ self.weight_ho.T + self.bias_ho)

    def compute_loss(self, prediction, label):
        loss = 0.0
        for row, y in zip(prediction, label, strict=True):
            loss = loss - torch.log(row[y] + 1e-10) / len(label)
        return loss, int(torch.eq(prediction.argmax(dim=1), label).sum())
