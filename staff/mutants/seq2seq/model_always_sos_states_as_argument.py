# question: 2b
# diagnosis: always SOS
# earns: 5
# ruff: noqa: F821
def decode(self, input, hidden, cell, enc_out):
    output, (hidden, cell) = self.lstm(self.dropout(self.embedding(input)), (hidden, cell))
    weights = (output @ enc_out.transpose(1, 2)).softmax(2)
    output = self.tanh(self.fc(torch.cat((weights @ enc_out, output), dim=2)))
    return self.classifier(output).squeeze(1), hidden, cell


def forward(self, src, trg):
    B, L = trg.shape
    h = c = torch.zeros(1, B, self.hid_dim).to(self.device)
    enc_out, h, c = self.encoder(src, h, c)
    sos = trg[:, :1]
    scores = [torch.zeros(B, self.out_dim).to(self.device)]
    for _ in range(1, L):
        s, h, c = self.decoder(sos, h, c, enc_out)
        scores.append(s)
    return torch.stack(scores, dim=2)


AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
