# question: 1e
# diagnosis: zero_grad missing
# earns: 3
def train(model, loader, scheduler):
    model.train()
    total_loss, total_correct, n = 0, 0, 0
    for text, labels, lengths in loader:
        prediction = model(text, lengths)
        loss, correct = model.compute_loss(prediction, labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.item() * labels.size(0)
        total_correct += int(correct)
        n += labels.size(0)
    return total_loss / n, total_correct / n * 100
