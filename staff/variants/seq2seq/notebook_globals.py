# question: 2a, 2b
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    embedded = self.embedding(input.to(device))
    encoder_outputs = torch.zeros(input.size(0), MAX_LENGTH + 1, hid_dim).to(device)
    for i in range(MAX_LENGTH + 1):
        output, (hidden, cell) = self.lstm(embedded[:, i : i + 1, :], (hidden, cell))
        encoder_outputs[:, i] = output.squeeze(1)
    return encoder_outputs, hidden, cell


def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    scores = torch.zeros(input.size(0), MAX_LENGTH + 1).to(device)
    for i in range(MAX_LENGTH + 1):
        scores[:, i] = (output.view(-1, hid_dim) * self.enc_hiddens[:, i]).sum(1)
    weights = F.softmax(scores, dim=1)
    context = torch.bmm(weights.unsqueeze(1), self.enc_hiddens).view(-1, hid_dim)
    output = self.tanh(self.fc(torch.cat((context, output.view(-1, hid_dim)), 1)))
    return self.classifier(output).view(-1, dataset.output_lang.n_words), hidden, cell


def forward(self, src, trg):
    B = trg.size(0)
    hidden = torch.zeros(1, B, hid_dim).to(device)
    cell = torch.zeros(1, B, hid_dim).to(device)
    self.decoder.enc_hiddens, hidden, cell = self.encoder(src, hidden, cell)
    outputs = torch.zeros(B, dataset.output_lang.n_words, dataset.length).to(device)
    for t in range(1, MAX_LENGTH + 1):
        outputs[:, :, t], hidden, cell = self.decoder(trg[:, t - 1].unsqueeze(1), hidden, cell)
    return outputs


LSTMEncoder.forward = encode
AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
