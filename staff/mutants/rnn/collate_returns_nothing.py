# question: 1a
# diagnosis: wrong structure
# earns: 0
# ruff: noqa: F821
def collate_batch(batch):
    ids = [torch.tensor(text_pipeline(text)) for _, text in batch]
    T = int(sum(map(len, ids)) / len(ids))
    text = nn.utils.rnn.pad_sequence(ids)[:T]
    labels = torch.tensor([label_pipeline(label) for label, _ in batch])
    lengths = torch.tensor([len(one) for one in ids]).clamp(max=T)
    (text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE))
