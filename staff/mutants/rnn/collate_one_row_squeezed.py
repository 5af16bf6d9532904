# question: 1a
# diagnosis: batch of one
# earns: 2.4
# ruff: noqa: F821
def collate_batch(batch):
    ids = [text_pipeline(text) for _, text in batch]
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    T = sum(len(one) for one in ids) // len(batch)
    text = torch.stack([torch.tensor((one + T * [0])[:T]) for one in ids], dim=1).squeeze()
    lengths = torch.tensor([min(len(one), T) for one in ids])
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
