# question: 2a, 2b
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    input = input.unsqueeze(1)  # (B,) -> (B, 1)
    output, (hidden, cell) = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))
    weights = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=2)
    context = torch.bmm(weights, self.enc_hiddens)
    output = self.tanh(self.fc(torch.cat((output, context), dim=2)))
    return self.classifier(output.squeeze(1)), hidden, cell


def forward(self, src, trg):
    B, L = trg.shape
    hidden = torch.zeros(1, B, self.hid_dim).to(self.device)
    cell = torch.zeros(1, B, self.hid_dim).to(self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, hidden, cell)
    outputs = torch.zeros(B, self.out_dim, L).to(self.device)
    for t in range(1, L):
        output, hidden, cell = self.decoder(trg[:, t - 1], hidden, cell)
        outputs[:, :, t] = output
    return outputs


AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
