# question: 1a
# diagnosis: text as float
# earns: 2
# ruff: noqa: F821
def collate_batch(batch):
    texts, labels, lengths = [], [], []
    for label, sentence in batch:
        texts.append(text_pipeline(sentence))
        labels.append(label_pipeline(label))
        lengths.append(len(texts[-1]))
    T = round(sum(lengths) / len(lengths))
    for i in range(len(texts)):
        texts[i] = (texts[i] + [0] * T)[:T]
    text = torch.Tensor(texts).t()
    return text.to(DEVICE), torch.tensor(labels).to(DEVICE), torch.tensor(lengths).to(DEVICE)
