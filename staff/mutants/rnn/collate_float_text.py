# question: 1a
# diagnosis: text as float
# earns: 2
# ruff: noqa: F821
def collate_batch(batch):
    ids = [text_pipeline(text) for _, text in batch]
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    lengths = torch.tensor([len(one) for one in ids])
    T = lengths.sum().item() // len(batch)
    text = torch.zeros(T, len(batch))
    for b in range(len(batch)):
        for t in range(min(T, len(ids[b]))):
            text[t, b] = ids[b][t]
    return text.to(DEVICE), labels.to(DEVICE), lengths.clamp(max=T).to(DEVICE)
