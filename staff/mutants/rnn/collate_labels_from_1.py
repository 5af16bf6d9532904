# question: 1a
# diagnosis: labels from 1
# earns: 0
# ruff: noqa: F821
def collate_batch(batch):
    labels, texts, lengths = [], [], []
    for label, sentence in batch:
        labels.append(label)
        texts.append(text_pipeline(sentence))
        lengths.append(len(texts[-1]))
    T = sum(lengths) // len(lengths)
    text = torch.zeros(T, len(batch), dtype=torch.int64)
    for i, ids in enumerate(texts):
        text[: lengths[i], i] = torch.tensor(ids[:T])
    return text.to(DEVICE), torch.tensor(labels).to(DEVICE), torch.tensor(lengths).to(DEVICE)
