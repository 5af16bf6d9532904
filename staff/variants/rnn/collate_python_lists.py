# question: 1a
# ruff: noqa: F821
def collate_batch(batch):
    texts, labels, lengths = [], [], []
    for label, sentence in batch:
        ids = text_pipeline(sentence)
        texts.append(ids)
        labels.append(label_pipeline(label))
        lengths.append(len(ids))
    T = sum(lengths) // len(lengths)
    for i in range(len(texts)):
        if len(texts[i]) > T:
            texts[i] = texts[i][:T]
        else:
            texts[i] = texts[i] + [0] * (T - len(texts[i]))
    text = torch.tensor(texts).transpose(0, 1)
    # 길이는 자르기 전의 것
    return text.to(DEVICE), torch.tensor(labels).to(DEVICE), torch.tensor(lengths).to(DEVICE)
