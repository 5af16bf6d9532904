# question: 2b
# diagnosis: wrong values
# earns: 4
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    weights = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=2)
    context = torch.bmm(weights, self.enc_hiddens).squeeze()
    output = torch.cat((context, output.squeeze()), dim=1)  # needs more than one sentence
    return self.classifier(self.tanh(self.fc(output))), hidden, cell


def forward(self, src, trg):
    B, L = trg.shape
    hidden = torch.zeros(1, B, self.hid_dim, device=self.device)
    cell = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, _, _ = self.encoder(src, hidden, cell)
    scores = torch.zeros(B, self.out_dim, L, device=self.device)
    for t in range(1, L):
        scores[:, :, t], hidden, cell = self.decoder(trg[:, t - 1 : t], hidden, cell)
    return scores


AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
