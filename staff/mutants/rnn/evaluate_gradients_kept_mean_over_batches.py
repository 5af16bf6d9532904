# question: 1e
# diagnosis: gradients kept track of + mean over the batches
# earns: 4
def evaluate(model, loader):
    model.eval()
    losses, right, rows = [], 0, 0
    for text, labels, lengths in loader:
        loss, correct = model.compute_loss(model(text, lengths), labels)
        losses.append(loss.item())
        right += correct.item()
        rows += len(labels)
    return sum(losses) / len(losses), 100 * right / rows
