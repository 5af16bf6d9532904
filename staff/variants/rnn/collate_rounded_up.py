# question: 1a
# ruff: noqa: F821
import math

import torch.nn.functional as F


def collate_batch(batch):
    texts = [torch.tensor(encoder(tokenizer(text))) for _, text in batch]
    T = math.ceil(sum(len(ids) for ids in texts) / len(texts))
    # F.pad cuts where the padding is negative
    text = torch.stack([F.pad(ids, (0, T - len(ids))) for ids in texts], dim=1)
    labels = torch.LongTensor([int(label) - 1 for label, _ in batch])
    lengths = torch.LongTensor([min(len(ids), T) for ids in texts])
    return text.to(DEVICE), labels.to(DEVICE), lengths.to(DEVICE)
