# question: 2a, 2b
# ruff: noqa: F821
def decode(self, input, hidden, cell, encoder_outputs):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    scores = torch.matmul(output, encoder_outputs.transpose(1, 2))
    weights = F.softmax(scores, dim=-1)
    context = torch.matmul(weights, encoder_outputs)
    output = torch.cat((context, output), dim=-1).squeeze(1)
    return self.classifier(self.tanh(self.fc(output))), hidden, cell


def forward(self, src, trg):
    B, L = trg.size()
    hidden = torch.zeros(1, B, self.hid_dim, device=self.device)
    cell = torch.zeros(1, B, self.hid_dim, device=self.device)
    encoder_outputs, hidden, cell = self.encoder(src, hidden, cell)
    outputs = torch.zeros(B, self.out_dim, L, device=self.device)
    for t in range(1, L):
        output, hidden, cell = self.decoder(trg[:, t - 1].view(B, 1), hidden, cell, encoder_outputs)
        outputs[:, :, t] = output
    return outputs


AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
