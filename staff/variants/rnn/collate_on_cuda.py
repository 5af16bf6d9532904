# question: 1a
# ruff: noqa: F821
import numpy as np

to_tensor = lambda x: torch.tensor(x, dtype=torch.long).cuda()  # noqa: E731
ids_of = lambda sentence: [encoder[word] for word in tokenizer(sentence)]  # noqa: E731


def collate_batch(batch):
    texts = [ids_of(sentence) for _, sentence in batch]
    T = int(np.mean([len(ids) for ids in texts]))
    padded = np.zeros((T, len(batch)), dtype=np.int64)
    for i, ids in enumerate(texts):
        padded[: len(ids[:T]), i] = ids[:T]
    labels = to_tensor([label_pipeline(label) for label, _ in batch])
    lengths = to_tensor([min(T, len(ids)) for ids in texts])
    return torch.from_numpy(padded).to("cuda"), labels, lengths
