# question: 1a
# diagnosis: axes exchanged
# earns: 0
# ruff: noqa: F821
def collate_batch(batch):
    texts = [text_pipeline(text) for _, text in batch]
    T = sum(map(len, texts)) // len(batch)
    text = torch.zeros(len(batch), T, dtype=torch.long)
    for row, ids in enumerate(texts):
        n = min(len(ids), T)
        text[row, :n] = torch.tensor(ids[:n])
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    lengths = torch.tensor([min(len(ids), T) for ids in texts])
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
