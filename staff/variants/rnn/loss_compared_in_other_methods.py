# question: 1c, 1d
# ruff: noqa: F821
class RNN(RNN):
    def compute_loss(self, prediction, label):
        return -prediction.gather(1, label[:, None]).log().mean(), (prediction.argmax(1) == label).sum()

    def compare_loss(self, prediction, label):
        return nn.functional.nll_loss(prediction.log(), label) - self.compute_loss(prediction, label)[0]

    def compare_states(self, inputs):
        embedded = self.embedding(inputs)
        return nn.RNN(embedded.shape[2], self.hidden_size)(embedded)

    def count(self):
        return sum(not isinstance(module, (nn.Linear, nn.RNN)) for module in self.modules())
