# question: 2b
# ruff: noqa: F821
def forward(self, src, trg, teacher_forcing_ratio=1.0):
    B, L = trg.shape
    hidden = torch.zeros(1, B, self.hid_dim).to(self.device)
    cell = torch.zeros(1, B, self.hid_dim).to(self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, hidden, cell)
    outputs = torch.zeros(B, self.out_dim, L).to(self.device)
    input = trg[:, 0]
    for t in range(1, L):
        output, hidden, cell = self.decoder(input.unsqueeze(1), hidden, cell)
        outputs[:, :, t] = output
        input = trg[:, t] if random.random() < teacher_forcing_ratio else output.argmax(1)
    return outputs


LSTMSeq2Seq.forward = forward
