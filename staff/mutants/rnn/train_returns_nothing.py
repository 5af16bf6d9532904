# question: 1e
# diagnosis: wrong structure
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
    print(f"loss {total_loss / n:.3f}, accuracy {100 * total_correct / n:.2f} %")
