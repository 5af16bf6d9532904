# question: 1e
# ruff: noqa: F821
def run_epoch(model, loader, scheduler=None):
    training = scheduler is not None
    model.train(training)
    loss_sum, right, rows = 0.0, 0, 0
    with torch.set_grad_enabled(training):
        for text, labels, lengths in loader:
            if training:
                scheduler.zero_grad()
            loss, correct = model.compute_loss(model(text, lengths), labels)
            if training:
                loss.backward()
                scheduler.step()
            loss_sum += loss.item() * labels.size(0)
            right += int(correct)
            rows += labels.size(0)
    if training:
        scheduler.update()
    return loss_sum / rows, right / rows * 100


def train(model, loader, scheduler):
    return run_epoch(model, loader, scheduler)


def evaluate(model, loader):
    return run_epoch(model, loader)
