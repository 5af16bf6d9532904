# question: 2a, 2b
# ruff: noqa: F821
def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    attn = F.softmax(torch.bmm(output, self.enc_hiddens.transpose(1, 2)), dim=2)
    context = torch.bmm(attn, self.enc_hiddens)
    output = self.classifier(self.tanh(self.fc(torch.cat((context, output), dim=2))))
    return attn, (hidden, cell), output  # output: (B, 1, out_dim)


def forward(self, src, trg):
    B, L = trg.shape
    zeros = torch.zeros(1, B, self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, zeros, zeros)
    outputs, self.attentions = [], []
    for t in range(1, L):
        attn, (hidden, cell), output = self.decoder(trg[:, t - 1 : t], hidden, cell)
        outputs.append(output)
        self.attentions.append(attn)
    outputs = torch.cat(outputs, dim=1).transpose(1, 2)
    return torch.cat([torch.zeros_like(outputs[:, :, :1]), outputs], dim=2)


AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
