# question: 1e
# diagnosis: gradients kept track of
# earns: 4
def evaluate(model, loader):
    model.eval()
    total_loss, total_correct, n = 0, 0, 0
    for text, labels, lengths in loader:
        loss, correct = model.compute_loss(model(text, lengths), labels)
        total_loss += loss.item() * len(labels)
        total_correct += correct.item()
        n += len(labels)
    return total_loss / n, 100 * total_correct / n
