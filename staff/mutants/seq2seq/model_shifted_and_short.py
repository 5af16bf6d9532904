# question: 2b
# diagnosis: shifted by one
# earns: 7
# ruff: noqa: F821
def forward(self, src, trg):
    batch_size = src.shape[0]
    h0 = torch.zeros(1, batch_size, self.hid_dim).to(self.device)
    c0 = torch.zeros(1, batch_size, self.hid_dim).to(self.device)
    enc_hiddens, hidden, cell = self.encoder(src, h0, c0)
    self.decoder.enc_hiddens = enc_hiddens
    outputs = []
    for t in range(trg.shape[1] - 1):
        output, hidden, cell = self.decoder(trg[:, t].unsqueeze(1), hidden, cell)
        outputs.append(output.unsqueeze(2))
    return torch.cat(outputs, dim=2)


LSTMSeq2Seq.forward = forward
