# question: 1e
# diagnosis: returns 0
# earns: 4
def train(model, loader, scheduler):
    model.train()
    total_loss, total_correct, n = 0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_correct += correct.item()
        n += len(labels)
    return total_loss / n, 100 * total_correct / n
