# question: 1e
# diagnosis: losses divided by the rows
# earns: 3
# ruff: noqa: F821
def train(model, loader, scheduler):
    model.train()
    total_loss, total_correct = 0.0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.item()
        total_correct += correct.item()
    return total_loss / len(loader.dataset), 100.0 * total_correct / len(loader.dataset)


def evaluate(model, loader):
    model.eval()
    total_loss, total_correct = 0.0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            loss, correct = model.compute_loss(model(text, lengths), labels)
            total_loss += loss.item()
            total_correct += correct.item()
    return total_loss / len(loader.dataset), 100.0 * total_correct / len(loader.dataset)
