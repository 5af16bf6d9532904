# question: 1e
# diagnosis: returns 0
# earns: 3
# ruff: noqa: F821
def evaluate(model, loader):
    model.eval()
    total_loss, total_correct, n = 0, 0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            loss, correct = model.compute_loss(model(text, lengths), labels)
            n += len(labels)
    # 더하는 것을 잊음
    return total_loss / n, 100 * total_correct / n
