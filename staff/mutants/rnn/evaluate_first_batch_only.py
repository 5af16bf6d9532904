# question: 1e
# diagnosis: wrong values
# earns: 3
# ruff: noqa: F821
def evaluate(model, loader):
    model.eval()
    with torch.no_grad():
        text, labels, lengths = next(iter(loader))
        loss, correct = model.compute_loss(model(text, lengths), labels)
    return loss.item(), 100 * correct.item() / len(labels)
