# question: 1e
# diagnosis: weights changed
# earns: 3
# ruff: noqa: F821
def evaluate(model, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=5.0)
    model.eval()
    total_loss, total_correct, n = 0, 0, 0
    for text, labels, lengths in loader:
        optimizer.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(labels)
        total_correct += correct.item()
        n += len(labels)
    return total_loss / n, 100 * total_correct / n
