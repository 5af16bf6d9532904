# question: 1a
# diagnosis: wrong shape
# earns: 0
# ruff: noqa: F821
def collate_batch(batch):
    T = sum(len(text) for _, text in batch) // len(batch)  # len(text) counts characters
    text, labels, lengths = [], [], []
    for label, sentence in batch:
        ids = text_pipeline(sentence)[:T]
        lengths.append(len(ids))
        text.append(ids + [0] * (T - len(ids)))
        labels.append(label_pipeline(label))
    return torch.tensor(text).T.to(DEVICE), torch.tensor(labels).to(DEVICE), torch.tensor(lengths).to(DEVICE)
