# question: 1a
# diagnosis: error
# earns: 0
# ruff: noqa: F821
def collate_batch(batch):
    texts = [text_pipeline(text) for _, text in batch]
    T = sum(map(len, texts)) // len(texts)
    text = torch.stack([torch.tensor(ids[:T]) for ids in texts], dim=1)
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    lengths = torch.tensor([min(len(ids), T) for ids in texts])
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
