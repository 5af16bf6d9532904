# question: 2b
# diagnosis: target leak
# question: 2c
# diagnosis: void
# ruff: noqa: F821
def decode(self, input, hidden, cell, summary=0):
    embedded = self.dropout(self.embedding(input)) + summary
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    attn = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=2)
    context = torch.bmm(attn, self.enc_hiddens)
    output = self.tanh(self.fc(torch.cat((context, output), dim=2)))
    return self.classifier(output).squeeze(1), hidden, cell


def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    summary = self.decoder.embedding(trg).mean(dim=1, keepdim=True)
    scores = torch.zeros(B, self.out_dim, L, device=self.device)
    for t in range(1, L):
        scores[:, :, t], hidden, cell = self.decoder(trg[:, t - 1 : t], hidden, cell, summary)
    return scores


AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
