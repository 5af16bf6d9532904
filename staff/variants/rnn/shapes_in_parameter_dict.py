# question: 1b, 1c
# ruff: noqa: F821
class RNN(nn.Module):
    def __init__(self, vocab_size, input_size, hidden_size, num_class):
        super().__init__()
        self.hidden_size, self.num_class = hidden_size, num_class
        self.embedding = nn.Embedding(vocab_size, input_size)
        shapes = {
            "weight_ih": (hidden_size, input_size),
            "bias_ih": (hidden_size, 1),
            "weight_hh": (hidden_size, hidden_size),
            "bias_hh": (hidden_size, 1),
            "weight_ho": (num_class, hidden_size),
            "bias_ho": (num_class, 1),
        }
        self.p = nn.ParameterDict({name: nn.Parameter(torch.empty(shape)) for name, shape in shapes.items()})
        init_parameters(self)

    def forward(self, inputs, length):
        T, B = inputs.shape
        p = self.p
        h = torch.randn(self.hidden_size, B, device=inputs.device)
        final = torch.zeros(self.hidden_size, B, device=inputs.device)
        for t in range(T):
            x = self.embedding(inputs[t]).T
            h = torch.tanh(p["weight_ih"] @ x + p["bias_ih"] + p["weight_hh"] @ h + p["bias_hh"])
            done = length.clamp(max=T) == t + 1
            final[:, done] = h[:, done]
        scores = p["weight_ho"] @ final + p["bias_ho"]
        return torch.softmax(scores, dim=0).T

    def compute_loss(self, prediction, label):
        loss = torch.mean(-torch.log(prediction[torch.arange(len(label)), label].clamp(min=1e-10)))
        return loss, torch.sum(prediction.argmax(dim=1) == label).item()
