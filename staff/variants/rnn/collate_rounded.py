# question: 1a
# ruff: noqa: F821
def collate_batch(batch):
    labels, texts = zip(*batch, strict=True)
    ids = list(map(text_pipeline, texts))
    T = round(sum(map(len, ids)) / len(ids))
    text = torch.zeros((T, len(ids)), dtype=torch.int64, device=DEVICE)
    for column, words in enumerate(ids):
        for row, word in enumerate(words):
            if row < T:
                text[row, column] = word
    labels = torch.tensor(list(map(label_pipeline, labels)), device=DEVICE)
    lengths = torch.tensor(list(map(len, ids)), device=DEVICE)
    return text, labels, lengths
