# question: 1e
# diagnosis: accuracy as a share
# earns: 4
def train(model, loader, scheduler):
    model.train()
    total_loss, total_correct, n = 0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.item() * len(labels)
        total_correct += correct.item()
        n += len(labels)
    return total_loss / n, total_correct / n
