# question: 2a
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    output, (hidden, cell) = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))
    context = F.scaled_dot_product_attention(output, self.enc_hiddens, self.enc_hiddens, scale=1.0)
    output = torch.tanh(self.fc(torch.cat((context, output), dim=-1)))
    return self.classifier(output).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
