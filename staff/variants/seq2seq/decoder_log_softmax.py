# question: 2a, 2b
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    attn_weights = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=-1)
    context = torch.bmm(attn_weights, self.enc_hiddens)
    output = self.tanh(self.fc(torch.cat((context, output), dim=2)))
    output = F.log_softmax(self.classifier(output.squeeze(1)), dim=1)
    return output, hidden, cell


AttnLSTMDecoder.forward = decode
