# question: 2a
# diagnosis: wrong values
# earns: 4
# question: 2b
# diagnosis: translations not read
# earns: 4
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    attn = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=2)
    context = torch.bmm(attn, self.enc_hiddens)
    output = self.classifier(self.tanh(self.fc(torch.cat((context, output), dim=2))))
    output = F.log_softmax(output, dim=1)  # (B, 1, out_dim): every score is 0
    return output.squeeze(1), hidden, cell


AttnLSTMDecoder.forward = decode
