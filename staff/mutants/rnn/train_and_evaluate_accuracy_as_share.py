# question: 1e
# diagnosis: accuracy as a share
# earns: 3
# ruff: noqa: F821
def train(model, loader, scheduler):
    model.train()
    return _epoch(model, loader, scheduler)


def evaluate(model, loader):
    model.eval()
    with torch.no_grad():
        return _epoch(model, loader)


def _epoch(model, loader, scheduler=None):
    loss_sum, right, rows = 0.0, 0, 0
    for text, labels, lengths in loader:
        loss, correct = model.compute_loss(model(text, lengths), labels)
        if scheduler is not None:
            scheduler.zero_grad()
            loss.backward()
            scheduler.step()
        loss_sum += loss.item() * len(labels)
        right += int(correct)
        rows += len(labels)
    return loss_sum / rows, right / rows
