# question: 1e
# diagnosis: not in evaluation mode + gradients kept track of
# earns: 4
def evaluate(model, loader):
    losses, right, rows = [], 0, 0
    for text, labels, lengths in loader:
        loss, correct = model.compute_loss(model(text, lengths), labels)
        losses.append(loss.item() * len(labels))
        right += correct.item()
        rows += len(labels)
    return sum(losses) / rows, 100 * right / rows
