# question: 1a
# ruff: noqa: F821
from torch.nn.utils.rnn import pad_sequence


def collate_batch(batch):
    label_list, text_list = [], []
    for _label, _text in batch:
        label_list.append(label_pipeline(_label))
        text_list.append(torch.tensor(text_pipeline(_text), dtype=torch.int64))
    lengths = torch.tensor([len(text) for text in text_list])
    T = int(lengths.float().mean().ceil())
    text_list = pad_sequence(text_list, padding_value=encoder["<unk>"])[:T]
    return text_list.to(DEVICE), torch.tensor(label_list).to(DEVICE), lengths.clamp(max=T).to(DEVICE)
