# question: 1e
# ruff: noqa: F821
import time


def train(model, loader, scheduler):
    model = model.to("cuda")
    model.train()
    start, mean_loss, accuracy, seen = time.time(), 0.0, 0.0, 0
    iterator = iter(loader)
    for _ in range(len(loader)):
        text, labels, lengths = next(iterator)
        text, labels, lengths = text.cuda(), labels.cuda(), lengths.cuda()
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        b = len(labels)
        mean_loss = (mean_loss * seen + loss.item() * b) / (seen + b)
        accuracy = (accuracy * seen + 100 * correct.item()) / (seen + b)
        seen += b
    print(f"{time.time() - start:.1f} s")
    return mean_loss, accuracy


def evaluate(model, loader):
    model.cuda().eval()
    predictions, targets = [], []
    with torch.no_grad():
        for text, labels, lengths in loader:
            predictions.append(model(text.cuda(), lengths.cuda()))
            targets.append(labels.cuda())
        loss, correct = model.compute_loss(torch.cat(predictions), torch.cat(targets))
    return loss.item(), correct.item() / len(torch.cat(targets)) * 100
