# question: 1e
# diagnosis: returns 0
# earns: 3
# ruff: noqa: F821
def evaluate(model, loader):
    model.eval()
    eval_loss, right, accuracy, n = 0.0, 0, 0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            loss, correct = model.compute_loss(model(text, lengths), labels)
            eval_loss += loss.item() * len(labels)
            right += correct.item()
            n += len(labels)
    return eval_loss / n, 100 * accuracy / n
