# question: 1e
# diagnosis: wrong structure
# earns: 3
# ruff: noqa: F821
def evaluate(model, loader):
    model.eval()
    right, n = 0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            _, correct = model.compute_loss(model(text, lengths), labels)
            right += correct.item()
            n += len(labels)
    return 100 * right / n
