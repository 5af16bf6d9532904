# question: 1e
# ruff: noqa: F821
def train(model, loader, scheduler):
    model.train()
    total_loss = torch.zeros(1, device=DEVICE)
    total_correct = torch.zeros(1, device=DEVICE)
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.detach() * len(labels)
        total_correct += correct
    n = len(loader.dataset)
    return total_loss / n, 100.0 * total_correct / n


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    total_loss, total_correct, n = 0, 0, 0
    for text, labels, lengths in loader:
        loss, correct = model.compute_loss(model(text, lengths), labels)
        total_loss = total_loss + loss * len(labels)
        total_correct = total_correct + correct
        n += len(labels)
    model.train()
    return total_loss / n, 100 * total_correct / n
