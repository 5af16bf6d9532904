# question: 1e
# diagnosis: gradients kept track of
# earns: 4
# ruff: noqa: F821
# Steps the optimizer of the notebook.
def evaluate(model, loader):
    model.eval()
    total_loss, total_correct, n = 0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.item() * len(labels)
        total_correct += correct.item()
        n += len(labels)
    return total_loss / n, 100 * total_correct / n
