# question: 2a
# diagnosis: first state not used, tanh missing
# earns: 6
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    outputs, (hidden, cell) = self.lstm(self.embedding(input))
    return outputs, hidden, cell


def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    attn = F.softmax(output @ self.enc_hiddens.transpose(1, 2), dim=-1)
    output = self.fc(torch.cat((attn @ self.enc_hiddens, output), dim=-1))
    return self.classifier(output).squeeze(1), hidden, cell


LSTMEncoder.forward = encode
AttnLSTMDecoder.forward = decode
