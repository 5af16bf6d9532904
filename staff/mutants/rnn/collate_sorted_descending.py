# question: 1a
# diagnosis: batch sorted
# earns: 2
# ruff: noqa: F821
def collate_batch(batch):
    batch = sorted(batch, key=lambda row: len(text_pipeline(row[1])), reverse=True)
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    texts = [text_pipeline(text) for _, text in batch]
    T = int(sum(len(ids) for ids in texts) / len(texts))
    lengths = torch.tensor([min(len(ids), T) for ids in texts])
    text = torch.tensor([ids[:T] + [0] * (T - len(ids)) for ids in texts]).T
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
