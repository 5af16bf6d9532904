# question: 1e
# diagnosis: wrong values
# earns: 3
# ruff: noqa: F821
# The last batch has fewer rows than the first.
def evaluate(model, loader):
    model.eval()
    total_loss, total_correct = 0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            loss, correct = model.compute_loss(model(text, lengths), labels)
            total_loss += loss.item() * len(labels)
            total_correct += correct.item()
    n = len(loader) * loader.batch_size
    return total_loss / n, 100 * total_correct / n
