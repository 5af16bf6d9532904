# question: 1e
def train(model, loader, scheduler):
    print("learning rate", scheduler.get_lr(), scheduler.optimizer.param_groups[0]["lr"])
    model.train()
    total_loss, right, rows = 0.0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.item() * len(labels)
        right += int(correct)
        rows += len(labels)
    scheduler.update()
    return total_loss / rows, 100 * right / rows
