# question: 1e
# The returned loss still has its graph.
def train(model, loader, scheduler):
    model.train()
    epoch_loss, epoch_correct = 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        epoch_loss += loss * len(labels)
        epoch_correct += correct
    return epoch_loss / len(loader.dataset), epoch_correct / len(loader.dataset) * 100
