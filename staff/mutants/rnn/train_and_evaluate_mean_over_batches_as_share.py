# question: 1e
# diagnosis: mean over the batches + accuracy as a share
# earns: 3
# ruff: noqa: F821
def train(model, loader, scheduler):
    model.train()
    epoch_loss, epoch_acc, count = 0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        epoch_loss += loss.item()
        epoch_acc += correct.item()
        count += len(labels)
    return epoch_loss / len(loader), epoch_acc / count


def evaluate(model, loader):
    model.eval()
    epoch_loss, epoch_acc, count = 0, 0, 0
    with torch.no_grad():
        for text, labels, lengths in loader:
            loss, correct = model.compute_loss(model(text, lengths), labels)
            epoch_loss += loss.item()
            epoch_acc += correct.item()
            count += len(labels)
    return epoch_loss / len(loader), epoch_acc / count
