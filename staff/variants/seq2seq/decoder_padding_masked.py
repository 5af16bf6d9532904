# question: 2a, 2b
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    scores = torch.bmm(output, self.enc_hiddens.transpose(1, 2))
    scores = scores.masked_fill(self.mask.unsqueeze(1), float("-inf"))
    context = torch.bmm(F.softmax(scores, dim=-1), self.enc_hiddens)
    output = self.tanh(self.fc(torch.cat((context, output), dim=-1)))
    return self.classifier(output).squeeze(1), hidden, cell


def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    self.decoder.mask = src == PAD_token
    scores = torch.zeros(B, self.out_dim, L, device=self.device)
    for t in range(1, L):
        scores[:, :, t], hidden, cell = self.decoder(trg[:, t - 1 : t], hidden, cell)
    return scores


AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
