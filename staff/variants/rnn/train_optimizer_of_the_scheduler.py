# question: 1e
def train(model, loader, scheduler):
    device = next(model.parameters()).device
    optimizer = scheduler.optimizer
    model.train()
    total_loss, right, rows = 0.0, 0, 0
    for i, (text, labels, lengths) in enumerate(loader):
        text, labels, lengths = text.to(device), labels.to(device), lengths.to(device)
        optimizer.zero_grad(set_to_none=True)
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(labels)
        right += int(correct)
        rows += len(labels)
        if i % 500 == 0:
            print(f"loss {loss.item():.4f}")
    return total_loss / rows, 100 * right / rows
