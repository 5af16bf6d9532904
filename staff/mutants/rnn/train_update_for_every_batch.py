# question: 1e
# diagnosis: update for every batch
# earns: 4
# The learning rate is that of the next epoch after every batch.
def train(model, loader, scheduler):
    model.train()
    total_loss, right, rows = 0.0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        scheduler.update()
        total_loss += loss.item() * len(labels)
        right += int(correct)
        rows += len(labels)
    return total_loss / rows, 100 * right / rows
