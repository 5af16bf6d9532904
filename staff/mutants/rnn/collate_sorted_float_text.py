# question: 1a
# diagnosis: batch sorted
# earns: 2
# ruff: noqa: F821
def collate_batch(batch):
    batch.sort(key=lambda row: len(text_pipeline(row[1])), reverse=True)
    ids = [text_pipeline(text) for _, text in batch]
    T = sum(map(len, ids)) // len(ids)
    text = torch.zeros((T, len(ids)))
    for i, one in enumerate(ids):
        text[: len(one[:T]), i] = torch.FloatTensor(one[:T])
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    lengths = torch.tensor([min(T, len(one)) for one in ids])
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
