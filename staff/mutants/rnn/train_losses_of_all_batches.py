# question: 1e
# diagnosis: wrong structure
# earns: 2
# Returns lists for plotting instead of numbers.
def train(model, loader, scheduler):
    model.train()
    losses, accuracies = [], []
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        losses.append(loss.item())
        accuracies.append(100 * correct.item() / len(labels))
    return losses, accuracies
