# question: 2a
# diagnosis: wrong values
# earns: 4
# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    B, L, H = self.enc_hiddens.shape
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    attn = torch.bmm(output, self.enc_hiddens.reshape(B, H, L))
    attn = F.softmax(attn, dim=-1)
    context = torch.bmm(attn, self.enc_hiddens)
    output = self.tanh(self.fc(torch.cat((context, output), dim=-1)))
    return self.classifier(output).squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
