# question: 1a
# diagnosis: not written
# earns: 0
def collate_batch(batch):
    """[(label, text)] -> text (T, B), labels (B,), lengths (B,), all on DEVICE"""
    raise NotImplementedError("collate_batch is not written yet")
