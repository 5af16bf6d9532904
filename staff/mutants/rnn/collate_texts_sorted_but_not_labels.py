# question: 1a
# diagnosis: wrong values
# earns: 0
# ruff: noqa: F821
# The labels no longer belong to the texts, unlike with a batch that is sorted as a whole.
def collate_batch(batch):
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    texts = sorted([text_pipeline(text) for _, text in batch], key=len, reverse=True)
    lengths = torch.tensor([len(ids) for ids in texts])
    T = int(lengths.float().mean())
    text = torch.zeros(T, len(batch), dtype=torch.long)
    for i in range(len(texts)):
        ids = texts[i][:T]
        text[: len(ids), i] = torch.tensor(ids)
    return text.to(DEVICE), labels.to(DEVICE), lengths.clamp(max=T).to(DEVICE)
