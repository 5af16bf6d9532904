# question: 1a
# diagnosis: T is the longest
# earns: 0
# ruff: noqa: F821
from torch.nn.utils.rnn import pad_sequence


def collate_batch(batch):
    label_list, text_list, lengths = [], [], []
    for _label, _text in batch:
        label_list.append(label_pipeline(_label))
        processed_text = torch.tensor(text_pipeline(_text), dtype=torch.int64)
        text_list.append(processed_text)
        lengths.append(processed_text.size(0))
    label_list = torch.tensor(label_list, dtype=torch.int64)
    text_list = pad_sequence(text_list, padding_value=0)
    return text_list.to(DEVICE), label_list.to(DEVICE), torch.tensor(lengths).to(DEVICE)
