# question: 2b
# diagnosis: wrong shape
# ruff: noqa: F821
def decode(self, input, hidden, cell, encoder_outputs):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    weights = F.softmax(torch.bmm(output, encoder_outputs.transpose(1, 2)), dim=2)
    context = torch.bmm(weights, encoder_outputs)
    output = self.tanh(self.fc(torch.cat((context, output), dim=2)))
    return self.classifier(output).squeeze(1), hidden, cell


def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim).to(self.device)
    encoder_outputs, hidden, cell = self.encoder(src, zeros, zeros)
    outputs = torch.zeros(B, L, self.out_dim).to(self.device)
    for t in range(1, L):
        output, hidden, cell = self.decoder(trg[:, t - 1].unsqueeze(1), hidden, cell, encoder_outputs)
        outputs[:, t] = output
    return outputs


AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
