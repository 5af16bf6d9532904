# question: 1e
# ruff: noqa: F821
from tqdm.notebook import tqdm


def train(model, loader, scheduler):
    model.train()
    total_loss, total_acc, total_count = 0.0, 0, 0
    log_interval = 2
    bar = tqdm(loader, desc="train", leave=False)
    for idx, (text, label, lengths) in enumerate(bar):
        scheduler.zero_grad()
        predicted_label = model(text, lengths)
        loss, _ = model.compute_loss(predicted_label, label)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        scheduler.step()
        total_loss += loss.item() * label.size(0)
        total_acc += (predicted_label.argmax(1) == label).sum().item()
        total_count += label.size(0)
        if idx % log_interval == 0 and idx > 0:
            print(f"{idx:5d}/{len(loader):5d} batches, accuracy {total_acc / total_count:8.3f}")
    scheduler.update()
    return total_loss / total_count, total_acc / total_count * 100


def evaluate(model, dataloader):
    model.eval()
    total_loss, total_acc, total_count = 0.0, 0, 0
    with torch.no_grad():
        for text, label, lengths in tqdm(dataloader):
            predicted_label = model(text, lengths)
            loss, _ = model.compute_loss(predicted_label, label)
            total_loss += loss.item() * label.size(0)
            total_acc += (predicted_label.argmax(1) == label).sum().item()
            total_count += label.size(0)
    return total_loss / total_count, total_acc / total_count * 100
