# question: 1a
# diagnosis: cut in front
# earns: 0
# ruff: noqa: F821
def collate_batch(batch):
    texts = [text_pipeline(text) for _, text in batch]
    lengths = torch.tensor([len(ids) for ids in texts])
    T = int(lengths.float().mean().item())
    columns = []
    for ids in texts:
        ids = ids[-T:]
        columns.append(torch.tensor(ids + [0] * (T - len(ids))))
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    return torch.stack(columns, dim=1).to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
