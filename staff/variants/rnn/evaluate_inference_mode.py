# question: 1e
# ruff: noqa: F821
@torch.inference_mode()
def evaluate(model, loader):
    was_training = model.training
    model.eval()
    losses, rights = [], []
    for batch in loader:
        text, labels, lengths = (part.to(DEVICE) for part in batch)
        prediction = model(text, lengths)
        loss, _ = model.compute_loss(prediction, labels)
        losses += [loss.item()] * len(labels)
        rights += (prediction.argmax(dim=-1) == labels).tolist()
    model.train(was_training)
    return sum(losses) / len(losses), 100 * sum(rights) / len(rights)
