# question: 1a
# diagnosis: T is the shortest
# earns: 0
# ruff: noqa: F821
def collate_batch(batch):
    texts = [text_pipeline(text) for _, text in batch]
    lengths = [len(ids) for ids in texts]
    T = min(lengths)
    # 모든 문장을 가장 짧은 문장에 맞춘다
    text = torch.tensor([ids[:T] for ids in texts]).transpose(0, 1)
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    return text.to(DEVICE), labels.to(DEVICE), torch.tensor(lengths).clamp(max=T).to(DEVICE)
