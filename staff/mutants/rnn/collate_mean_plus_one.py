# question: 1a
# diagnosis: wrong shape
# earns: 0
# ruff: noqa: F821
# Right only where the mean is no whole number.
def collate_batch(batch):
    texts = [text_pipeline(text) for _, text in batch]
    T = sum(map(len, texts)) // len(texts) + 1
    text = torch.tensor([(ids + [0] * T)[:T] for ids in texts]).T
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    lengths = torch.tensor([min(len(ids), T) for ids in texts])
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
