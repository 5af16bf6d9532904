# question: 1a
# diagnosis: error
# earns: 0
# ruff: noqa: F821
def collate_batch(batch):
    texts = [tokenizer(text) for _, text in batch]
    T = sum(map(len, texts)) // len(texts)
    text = torch.zeros(T, len(batch), dtype=torch.long)
    for i, words in enumerate(texts):
        text[: len(words[:T]), i] = torch.tensor(words[:T])
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    lengths = torch.tensor([min(len(words), T) for words in texts])
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
