# question: 2a
# diagnosis: attention scaled
# earns: 9
# ruff: noqa: F821
def step(self, input, hidden, cell):
    x = self.dropout(self.embedding(input))
    x, (hidden, cell) = self.lstm(x, (hidden, cell))
    context = F.scaled_dot_product_attention(x, self.enc_hiddens, self.enc_hiddens)
    x = self.tanh(self.fc(torch.cat([x, context], dim=-1)))
    return self.classifier(x)[:, 0], (hidden, cell)


def forward(self, src, trg):
    B, L = trg.shape
    h0 = torch.zeros(1, B, self.hid_dim).to(self.device)
    self.decoder.enc_hiddens, h, c = self.encoder(src, h0, h0)
    steps = [torch.zeros(B, self.out_dim).to(self.device)]
    for t in range(L - 1):
        score, (h, c) = self.decoder(trg[:, t].unsqueeze(1), h, c)
        steps.append(score)
    return torch.stack(steps, dim=-1)


AttnLSTMDecoder.forward = step
LSTMSeq2Seq.forward = forward
