# question: 1a
# diagnosis: wrong values
# earns: 0
# ruff: noqa: F821
# Texts and labels are sorted, the lengths are those of the former order.
def collate_batch(batch):
    lengths = torch.tensor([len(text_pipeline(text)) for _, text in batch])
    T = int(lengths.float().mean())
    text, labels = torch.zeros(T, len(batch), dtype=torch.long), []
    for i, (label, sentence) in enumerate(sorted(batch, key=lambda row: -len(text_pipeline(row[1])))):
        ids = text_pipeline(sentence)[:T]
        text[: len(ids), i] = torch.tensor(ids)
        labels.append(label_pipeline(label))
    return text.to(DEVICE), torch.tensor(labels).to(DEVICE), lengths.clamp(max=T).to(DEVICE)
