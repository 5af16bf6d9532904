# question: 1e
# diagnosis: loss of the last batch
# earns: 4
def train(model, loader, scheduler):
    model.train()
    right, n = 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        right += correct.item()
        n += len(labels)
    return loss.item(), 100 * right / n
