# question: 2b
# diagnosis: own predictions fed
# earns: 5
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.shape
    hidden = torch.zeros(1, B, self.hid_dim).to(self.device)
    cell = torch.zeros(1, B, self.hid_dim).to(self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, hidden, cell)
    outputs = torch.zeros(B, self.out_dim, L).to(self.device)
    input = trg[:, :1]
    # 학습할 때만 50% teacher forcing
    ratio = 0.5 if self.training else 0.0
    for t in range(1, L):
        output, hidden, cell = self.decoder(input, hidden, cell)
        outputs[:, :, t] = output
        input = trg[:, t : t + 1] if random.random() < ratio else output.argmax(1, keepdim=True)
    return outputs


LSTMSeq2Seq.forward = forward
