# question: 1e
# diagnosis: losses times rows divided by the batches
# earns: 3
# ruff: noqa: F821
def train(model, loader, scheduler):
    model.train()
    total_loss, right, rows = 0.0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.item() * len(labels)
        right += correct.item()
        rows += len(labels)
    return total_loss / len(loader), 100 * right / rows


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    total_loss, right, rows = 0.0, 0, 0
    for text, labels, lengths in loader:
        loss, correct = model.compute_loss(model(text, lengths), labels)
        total_loss += loss.item() * len(labels)
        right += correct.item()
        rows += len(labels)
    return total_loss / len(loader), 100 * right / rows
