# question: 1e
# diagnosis: loss and accuracy exchanged
# earns: 3
# ruff: noqa: F821
def train(model, loader, scheduler):
    model.train()
    total_acc, total_loss, total_count = 0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.item() * len(labels)
        total_acc += correct.item()
        total_count += len(labels)
    return 100 * total_acc / total_count, total_loss / total_count


def evaluate(model, loader):
    model.eval()
    total_acc, total_loss, total_count = 0, 0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            loss, correct = model.compute_loss(model(text, lengths), labels)
            total_loss += loss.item() * len(labels)
            total_acc += correct.item()
            total_count += len(labels)
    return 100 * total_acc / total_count, total_loss / total_count
