# question: 1e
# diagnosis: weights changed
# earns: 3
# ruff: noqa: F821
def evaluate(model, loader):
    model.eval()
    total_loss, total_correct, n = 0, 0, 0
    for text, labels, lengths in loader:
        model.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.1 * parameter.grad
        total_loss += loss.item() * len(labels)
        total_correct += correct.item()
        n += len(labels)
    return total_loss / n, 100 * total_correct / n
