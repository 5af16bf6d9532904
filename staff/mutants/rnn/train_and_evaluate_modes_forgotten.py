# question: 1e
# diagnosis: not in training mode, not in evaluation mode
# earns: 3
# ruff: noqa: F821
def train(model, loader, scheduler):
    total_loss, right, rows = 0.0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.item() * len(labels)
        right += correct.item()
        rows += len(labels)
    return total_loss / rows, 100 * right / rows


def evaluate(model, loader):
    total_loss, right, rows = 0.0, 0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            loss, correct = model.compute_loss(model(text, lengths), labels)
            total_loss += loss.item() * len(labels)
            right += correct.item()
            rows += len(labels)
    return total_loss / rows, 100 * right / rows
