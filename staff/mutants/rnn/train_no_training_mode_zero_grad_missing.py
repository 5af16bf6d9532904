# question: 1e
# diagnosis: not in training mode + zero_grad missing
# earns: 3
def train(model, loader, scheduler):
    total_loss, total_correct, n = 0, 0, 0
    for text, labels, lengths in loader:
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.item() * len(labels)
        total_correct += int(correct)
        n += len(labels)
    return total_loss / n, 100 * total_correct / n
