# question: 1e
# diagnosis: loss of the last batch
# earns: 3
# ruff: noqa: F821
def train(model, loader, scheduler):
    model.train()
    right, rows = 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        right += correct
        rows += len(labels)
    return loss.item(), 100 * right.item() / rows


def evaluate(model, loader):
    model.eval()
    right, rows = 0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            loss, correct = model.compute_loss(model(text, lengths), labels)
            right += correct
            rows += len(labels)
    return loss.item(), 100 * right.item() / rows
