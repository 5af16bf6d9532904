# question: 1e
# ruff: noqa: F821
def train(model, loader, scheduler):
    model.train()
    model.zero_grad()
    total_loss, total_correct, count = 0.0, 0, 0
    for text, labels, lengths in loader:
        # 모델의 예측
        prediction = model(text.to(DEVICE), lengths.to(DEVICE))
        loss, correct = model.compute_loss(prediction, labels.to(DEVICE))
        loss.backward()
        scheduler.step()
        scheduler.zero_grad()
        batch_size = text.shape[1]
        total_loss += float(loss) * batch_size
        total_correct += correct.item()
        count += batch_size
    train_loss = total_loss / count
    train_acc = (total_correct / count) * 100
    return train_loss, train_acc


def evaluate(model, loader):
    model.train(False)
    torch.set_grad_enabled(False)
    total_loss, total_correct, count = 0.0, 0, 0
    for text, labels, lengths in loader:
        loss, correct = model.compute_loss(model(text, lengths), labels)
        total_loss += float(loss) * text.shape[1]
        total_correct += correct.item()
        count += text.shape[1]
    torch.set_grad_enabled(True)
    return [total_loss / count, (total_correct / count) * 100]
