# question: 1e
# diagnosis: error
# earns: 2
# ruff: noqa: F821
def train(model, loader, scheduler):
    model.train()
    total_loss, total_correct, n = 0, 0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            scheduler.zero_grad()
            loss, correct = model.compute_loss(model(text, lengths), labels)
            loss.backward()
            scheduler.step()
            total_loss += loss.item() * len(labels)
            total_correct += correct.item()
            n += len(labels)
    return total_loss / n, 100 * total_correct / n
