# question: 2b
# diagnosis: filled up sentences
# earns: 8
# ruff: noqa: F821
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def encode(self, input, hidden, cell):
    lengths, order = (input != PAD_token).sum(1).sort(descending=True, stable=True)
    packed = pack_padded_sequence(self.embedding(input[order]), lengths.cpu(), batch_first=True)
    outputs, (hidden, cell) = self.lstm(packed, (hidden, cell))
    outputs, _ = pad_packed_sequence(outputs, batch_first=True)
    return outputs, hidden, cell


LSTMEncoder.forward = encode
