# question: 1a
# diagnosis: unknown words not counted
# earns: 2
# ruff: noqa: F821
# Id 0 is the filling, but unknown words have it, too.
def collate_batch(batch):
    texts = [text_pipeline(text) for _, text in batch]
    T = sum(map(len, texts)) // len(texts)
    text = torch.tensor([(ids + [0] * T)[:T] for ids in texts]).T
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    lengths = (text != 0).sum(dim=0)
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
