# question: 1a
# diagnosis: filled in front
# earns: 0
# ruff: noqa: F821
def collate_batch(batch):
    texts = [text_pipeline(text) for _, text in batch]
    T = int(sum(len(ids) for ids in texts) / len(batch))
    padded = [[0] * max(0, T - len(ids)) + ids[:T] for ids in texts]
    text = torch.LongTensor(padded).T
    labels = torch.LongTensor([label_pipeline(label) for label, _ in batch])
    lengths = torch.LongTensor([min(len(ids), T) for ids in texts])
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
