# question: 1e
# diagnosis: no step
# earns: 2
def train(model, loader, scheduler):
    model.train()
    total_loss, total_correct, n = 0, 0, 0
    for text, labels, lengths in loader:
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.zero_grad()
        scheduler.step()
        total_loss += loss.item() * len(labels)
        total_correct += int(correct)
        n += len(labels)
    return total_loss / n, 100 * total_correct / n
