# question: 1b, 1c
# ruff: noqa: F821
class RNN(nn.Module):
    def __init__(self, vocab_size, input_size, hidden_size, num_class):
        super().__init__()
        self.hidden_size = hidden_size
        self.embed = nn.Embedding(vocab_size, input_size, padding_idx=0)
        self.W_xh = nn.Parameter(torch.randn(input_size, hidden_size) * 0.01)
        self.W_hh = nn.Parameter(torch.randn(hidden_size, hidden_size) * 0.01)
        self.W_hy = nn.Parameter(torch.randn(hidden_size, num_class) * 0.01)
        self.b_xh = nn.Parameter(torch.zeros(hidden_size))
        self.b_hh = nn.Parameter(torch.zeros(hidden_size))
        self.b_y = nn.Parameter(torch.zeros(num_class))

    def forward(self, inputs, length):
        seq_len, batch_size = inputs.size()
        h = torch.rand(batch_size, self.hidden_size).to(DEVICE)
        all_h = torch.empty(seq_len, batch_size, self.hidden_size).to(DEVICE)
        for t in range(seq_len):
            x_t = self.embed(inputs[t])
            h = torch.tanh(torch.matmul(x_t, self.W_xh) + self.b_xh + torch.matmul(h, self.W_hh) + self.b_hh)
            all_h[t] = h
        last = torch.clamp(length, max=seq_len) - 1
        index = last.view(1, -1, 1).expand(-1, -1, self.hidden_size)
        h_last = torch.gather(all_h, 0, index).squeeze(0)
        return torch.softmax(torch.matmul(h_last, self.W_hy) + self.b_y, dim=-1)

    def compute_loss(self, prediction, label):
        loss = -torch.log(prediction.gather(1, label.unsqueeze(1)) + 1e-9).mean()
        return loss, (prediction.argmax(dim=1) == label).sum()
