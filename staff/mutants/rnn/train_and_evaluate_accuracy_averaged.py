# question: 1e
# diagnosis: accuracy averaged over the batches
# earns: 3
# ruff: noqa: F821
def train(model, loader, scheduler):
    model.train()
    total_loss, accuracy, n = 0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.item() * len(labels)
        accuracy += 100 * int(correct) / len(labels)
        n += len(labels)
    return total_loss / n, accuracy / len(loader)


def evaluate(model, loader):
    model.eval()
    total_loss, accuracy, n = 0, 0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            loss, correct = model.compute_loss(model(text, lengths), labels)
            total_loss += loss.item() * len(labels)
            accuracy += 100 * int(correct) / len(labels)
            n += len(labels)
    return total_loss / n, accuracy / len(loader)
