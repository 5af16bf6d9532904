# question: 1c
# diagnosis: error on short texts
# earns: 8
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    order = length.clamp(max=T).argsort(descending=True)
    ends = length.clamp(max=T)[order]
    text = self.embedding(inputs[:, order])
    # number of rows that are not over at the end of the batch
    full = (ends == T).nonzero().flatten()[-1].item() + 1
    hidden = torch.randn(B, self.hidden_size, device=inputs.device)
    final = [None] * B
    for t in range(T):
        hidden = torch.tanh(text[t] @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
        for i in range(full, B):
            if ends[i] == t + 1:
                final[i] = hidden[i]
    final[:full] = hidden[:full]
    prediction = torch.softmax(torch.stack(list(final)) @ self.weight_ho + self.bias_ho, dim=1)
    return prediction[order.argsort()]


RNN.forward = forward
