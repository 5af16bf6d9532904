# question: 1a
# diagnosis: lengths all T
# earns: 0
# ruff: noqa: F821
def collate_batch(batch):
    texts = [text_pipeline(text) for _, text in batch]
    T = sum(len(ids) for ids in texts) // len(texts)
    texts = [ids[:T] if len(ids) > T else ids + [0] * (T - len(ids)) for ids in texts]
    lengths = torch.tensor([len(ids) for ids in texts])  # 패딩까지 센 길이
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    return torch.tensor(texts).T.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
