# question: 1a
# diagnosis: wrong values
# earns: 0
# ruff: noqa: F821
PAD = 1


def collate_batch(batch):
    texts = [torch.tensor(text_pipeline(text)) for _, text in batch]
    T = sum(map(len, texts)) // len(texts)
    text = nn.utils.rnn.pad_sequence(texts, padding_value=PAD)[:T]
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    lengths = torch.tensor([min(len(ids), T) for ids in texts])
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
