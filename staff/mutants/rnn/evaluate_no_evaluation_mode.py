# question: 1e
# diagnosis: not in evaluation mode
# earns: 4
# ruff: noqa: F821
def evaluate(model, loader):
    total_loss, total_correct, n = 0, 0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            loss, correct = model.compute_loss(model(text, lengths), labels)
            total_loss += loss.item() * len(labels)
            total_correct += correct.item()
            n += len(labels)
    return total_loss / n, 100 * total_correct / n
