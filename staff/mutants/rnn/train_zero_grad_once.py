# question: 1e
# diagnosis: zero_grad missing
# earns: 3
def train(model, loader, scheduler):
    model.train()
    scheduler.zero_grad()  # 한 번만 호출
    loss_sum, correct_sum = 0.0, 0
    for text, labels, lengths in loader:
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        loss_sum += loss.item() * len(labels)
        correct_sum += int(correct)
    n = len(loader.dataset)
    return loss_sum / n, 100 * correct_sum / n
