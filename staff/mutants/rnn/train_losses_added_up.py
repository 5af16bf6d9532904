# question: 1e
# diagnosis: losses added up
# earns: 4
def train(model, loader, scheduler):
    model.train()
    running_loss, right, n = 0.0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        running_loss += loss.item()
        right += correct.item()
        n += len(labels)
    return running_loss, 100 * right / n
