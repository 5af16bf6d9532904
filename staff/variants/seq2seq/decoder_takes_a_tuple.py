# question: 2a, 2b
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    outputs, state = self.lstm(self.embedding(input), (hidden, cell))
    return outputs, state


def decode(self, input, state):
    output, state = self.lstm(self.dropout(self.embedding(input)), state)
    attention = (output @ self.enc_hiddens.mT).softmax(-1)
    mixed = torch.cat([attention @ self.enc_hiddens, output], -1)
    return self.classifier(self.tanh(self.fc(mixed))).squeeze(1), state


def forward(self, src, trg):
    zeros = torch.zeros(1, len(src), self.hid_dim, device=self.device)
    self.decoder.enc_hiddens, state = self.encoder(src, zeros, zeros)
    scores = [torch.zeros(len(src), self.out_dim, device=self.device)]
    for word in trg[:, :-1].split(1, dim=1):
        score, state = self.decoder(word, state)
        scores.append(score)
    return torch.stack(scores, dim=2)


LSTMEncoder.forward = encode
AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
