# question: 2b
# diagnosis: own predictions fed
# earns: 5
# ruff: noqa: F821
def forward(self, src, trg):
    B, L = trg.size()
    hidden = torch.zeros(1, B, self.hid_dim).to(self.device)
    cell = torch.zeros(1, B, self.hid_dim).to(self.device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, hidden, cell)
    decoder_input = torch.empty(B, 1, dtype=torch.long, device=self.device).fill_(SOS_token)
    outputs = [torch.zeros(B, self.out_dim, 1).to(self.device)]
    for _ in range(1, L):
        output, hidden, cell = self.decoder(decoder_input, hidden, cell)
        outputs.append(output.unsqueeze(-1))
        _, top = output.topk(1)
        decoder_input = top.detach()
    return torch.cat(outputs, dim=-1)


LSTMSeq2Seq.forward = forward
