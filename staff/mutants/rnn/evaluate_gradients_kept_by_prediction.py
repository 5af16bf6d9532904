# question: 1e
# diagnosis: gradients kept track of
# earns: 4
# ruff: noqa: F821
# no_grad() comes after the prediction, which has kept its graph.
def evaluate(model, loader):
    model.eval()
    total_loss, total_correct, n = 0, 0, 0
    for text, labels, lengths in loader:
        prediction = model(text, lengths)
        with torch.no_grad():
            loss, correct = model.compute_loss(prediction, labels)
        total_loss += loss.item() * len(labels)
        total_correct += correct.item()
        n += len(labels)
    return total_loss / n, 100 * total_correct / n
