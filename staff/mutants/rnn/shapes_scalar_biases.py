# question: 1b
# diagnosis: wrong shapes
# earns: 0
# ruff: noqa: F821
class RNN(nn.Module):
    def __init__(self, vocab_size, input_size, hidden_size, num_class):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_class = num_class
        self.embedding = nn.Embedding(vocab_size, input_size)
        shape_weight_ih = (input_size, hidden_size)
        shape_bias_ih = (1,)
        shape_weight_hh = (hidden_size, hidden_size)
        shape_bias_hh = (1,)
        shape_weight_ho = (hidden_size, num_class)
        shape_bias_ho = (1,)
        self.weight_ih = nn.Parameter(torch.empty(shape_weight_ih))
        self.bias_ih = nn.Parameter(torch.empty(shape_bias_ih))
        self.weight_hh = nn.Parameter(torch.empty(shape_weight_hh))
        self.bias_hh = nn.Parameter(torch.empty(shape_bias_hh))
        self.weight_ho = nn.Parameter(torch.empty(shape_weight_ho))
        self.bias_ho = nn.Parameter(torch.empty(shape_bias_ho))
        init_parameters(self)

    def forward(self, inputs, length):
        T, B = inputs.shape
        hidden = torch.randn(B, self.hidden_size, device=inputs.device)
        states = []
        for x in self.embedding(inputs):
            from_input = x @ self.weight_ih + self.bias_ih
            hidden = torch.tanh(from_input + hidden @ self.weight_hh + self.bias_hh)
            states.append(hidden)
        last = length.clamp(max=T) - 1
        final = torch.stack(states)[last, torch.arange(B, device=inputs.device)]
        return torch.softmax(final @ self.weight_ho + self.bias_ho, dim=1)

    def compute_loss(self, prediction, label):
        of_label = prediction[torch.arange(len(label), device=label.device), label]
        loss = -torch.log(of_label.clamp_min(1e-12)).mean()
        return loss, (prediction.argmax(dim=1) == label).sum()
