# question: 1e
# diagnosis: wrong values
# earns: 2
def train(model, loader, scheduler):
    model.train()
    total_loss, total_correct, n = 0, 0, 0
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        total_loss += loss.item() * len(labels)
        total_correct += correct.item()
        n += len(labels)
        # 들여쓰기 실수
        return total_loss / n, 100 * total_correct / n
