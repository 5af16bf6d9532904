# question: 2a, 2b
# ruff: noqa: F821
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def encode(self, input, hidden, cell):
    lengths = (input != PAD_token).sum(dim=1).cpu()
    embedded = self.embedding(input)
    packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
    packed_outputs, (hidden, cell) = self.lstm(packed, (hidden, cell))
    outputs, _ = pad_packed_sequence(packed_outputs, batch_first=True, total_length=input.size(1))
    return outputs, hidden, cell


def decode(self, input, hidden, cell):
    embedded = self.dropout(self.embedding(input))
    output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
    scores = torch.bmm(output, self.enc_hiddens.transpose(1, 2))
    filled_up = (self.enc_hiddens == 0).all(dim=2).unsqueeze(1)  # what was packed away is 0
    weights = F.softmax(scores.masked_fill(filled_up, -1e9), dim=2)
    context = torch.bmm(weights, self.enc_hiddens)
    output = self.tanh(self.fc(torch.cat((context, output), dim=2)))
    return self.classifier(output).squeeze(1), hidden, cell


LSTMEncoder.forward = encode
AttnLSTMDecoder.forward = decode
