# question: 1a
# diagnosis: wrong shape
# earns: 0
# ruff: noqa: F821
from torch.nn.utils.rnn import pad_sequence


def collate_batch(batch):
    texts = [torch.tensor(text_pipeline(text)) for _, text in batch]
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    lengths = torch.tensor([len(text) for text in texts])
    return pad_sequence(texts, batch_first=True).to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
