# question: 1a
# diagnosis: batch sorted
# earns: 2
# ruff: noqa: F821
def collate_batch(batch):
    texts, labels, lengths = [], [], []
    for label, sentence in batch:
        ids = torch.tensor(text_pipeline(sentence))
        texts.append(ids)
        labels.append(label_pipeline(label))
        lengths.append(len(ids))
    labels, lengths = torch.tensor(labels), torch.tensor(lengths)
    # 길이 순으로 정렬
    lengths, order = lengths.sort()
    T = int(lengths.float().mean())
    text = nn.utils.rnn.pad_sequence([texts[i] for i in order])[:T]
    return text.to(DEVICE), labels[order].to(DEVICE), lengths.to(DEVICE)
