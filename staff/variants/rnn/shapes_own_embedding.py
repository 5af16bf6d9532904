# question: 1b, 1c
# ruff: noqa: F821
class WordVectors(nn.Embedding):
    def __init__(self, words, size):
        super().__init__(words, size)

    def forward(self, ids):
        return super().forward(ids)


class RNN(RNN):
    def __init__(self, vocab_size, input_size, hidden_size, num_class):
        super().__init__(vocab_size, input_size, hidden_size, num_class)
        self.embedding = WordVectors(vocab_size, input_size)
