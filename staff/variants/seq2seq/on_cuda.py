# question: 2a, 2b
# ruff: noqa: F821
def encode(self, input, hidden, cell):
    x = self.embedding(input.cuda())
    output, (hidden, cell) = self.lstm(x, (hidden.cuda(), cell.to("cuda")))
    return output, hidden, cell


def decode(self, input, hidden, cell):
    x = self.dropout(self.embedding(input.to("cuda:0")))
    x, (hidden, cell) = self.lstm(x, (hidden, cell))
    scores = torch.zeros(x.size(0), 1, self.enc_hiddens.size(1), device="cuda")
    scores += torch.bmm(x, self.enc_hiddens.transpose(1, 2).cuda())
    context = torch.bmm(F.softmax(scores, dim=2), self.enc_hiddens)
    x = self.tanh(self.fc(torch.cat((context, x), dim=2)))
    return self.classifier(x).squeeze(1), hidden, cell


def forward(self, src, trg):
    src, trg = src.cuda(), trg.cuda()
    h = torch.zeros(1, src.size(0), self.hid_dim).cuda()
    c = torch.cuda.FloatTensor(1, src.size(0), self.hid_dim).fill_(0)
    self.decoder.enc_hiddens, h, c = self.encoder(src, h, c)
    out = torch.zeros(trg.size(0), self.out_dim, trg.size(1), device=torch.device("cuda"))
    for t in range(1, trg.size(1)):
        out[:, :, t], h, c = self.decoder(trg[:, t - 1].unsqueeze(1), h, c)
    return out


LSTMEncoder.forward = encode
AttnLSTMDecoder.forward = decode
LSTMSeq2Seq.forward = forward
